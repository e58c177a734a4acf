output "database_host" {
  description = "Where PostgreSQL listens."
  value       = aws_db_instance.this.address
}

output "cache_host" {
  description = "Where Redis listens."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "secret_name" {
  description = "The Secret that the Deployment and the migration Job read."
  value       = kubernetes_secret_v1.settings.metadata[0].name
}
