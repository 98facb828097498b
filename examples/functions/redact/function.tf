variable "database_url" {
  type      = string
  sensitive = true
  default   = "postgres://gateway:hunter2@db.example.com/app?sslmode=verify-full"
}

# "postgres://gateway:(redacted)@db.example.com/app?sslmode=verify-full"
output "database" {
  value = nonsensitive(provider::terrascale::redact(var.database_url))
}
