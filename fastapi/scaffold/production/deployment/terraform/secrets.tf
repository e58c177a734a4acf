# The secrets that the manifests of Kubernetes name.

locals {
  database = aws_db_instance.this
  cache    = aws_elasticache_replication_group.this
  broker   = trimprefix(aws_mq_broker.this.instances[0].endpoints[0], "amqps://")
  password = { for name, one in random_password.each : name => one.result }

  settings = {
    SECRET_KEY   = local.password["secret_key"]
    DATABASE_URL = "postgresql://app:${local.password["database"]}@${local.database.endpoint}/app?ssl=require"
    REDIS_URL    = "rediss://:${local.password["cache"]}@${local.cache.primary_endpoint_address}:6379/0"
    BROKER_URL   = "amqps://app:${local.password["broker"]}@${local.broker}/"
    MONGO_URL    = var.mongo_url
  }
}

resource "kubernetes_secret_v1" "settings" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  data = { for name, value in local.settings : name => value if value != null }
}

# Tokens are signed by the last key by name. To rotate: add a name, apply, and remove the old one after seven days.
locals {
  signing_keys = toset(["2026-01"])
}

resource "tls_private_key" "signing" {
  for_each = local.signing_keys

  algorithm = "RSA"
  rsa_bits  = 3072
}

resource "kubernetes_secret_v1" "keys" {
  metadata {
    name      = "${var.name}-keys"
    namespace = var.namespace
  }

  data = { for name, key in tls_private_key.signing : "${name}.pem" => key.private_key_pem_pkcs8 }
}
