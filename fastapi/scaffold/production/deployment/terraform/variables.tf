variable "name" {
  description = "What everything is named after; the manifests of Kubernetes say the same."
  type        = string
  default     = "production-service"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "Lower-case letters, digits and hyphens, at most 40, a letter first."
  }
}

variable "region" {
  description = "The region of AWS."
  type        = string
}

variable "vpc_id" {
  description = "The network of the cluster."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Databases that survive the loss of a zone need two subnets."
  }
}

variable "client_security_group_id" {
  description = "The security group of the cluster's nodes, which may reach the data."
  type        = string
}

variable "namespace" {
  description = "The namespace of Kubernetes; it exists."
  type        = string
  default     = "default"
}

variable "kubeconfig" {
  description = "The file that says how the cluster is reached."
  type        = string
  default     = "~/.kube/config"
}

variable "kube_context" {
  description = "The context in it; null for the current one."
  type        = string
  default     = null
}

variable "mongo_url" {
  description = "The address of MongoDB (Atlas, DocumentDB); null keeps the audit log in PostgreSQL."
  type        = string
  default     = null
  sensitive   = true
}

variable "database_class" {
  description = "The size of PostgreSQL."
  type        = string
  default     = "db.t4g.small"
}

variable "cache_class" {
  description = "The size of Redis."
  type        = string
  default     = "cache.t4g.small"
}

variable "broker_class" {
  description = "The size of RabbitMQ."
  type        = string
  default     = "mq.m7g.medium"
}
