variable "database_password" {
  type      = string
  sensitive = true
  default   = "50% off: p@ss/word?"
}

# postgres://gateway:50%25%20off%3A%20p%40ss%2Fword%3F@db.example.com:5432/app?sslmode=verify-full
output "postgres" {
  sensitive = true
  value = provider::terrascale::connection_string("postgres", {
    host     = "db.example.com"
    database = "app"
    username = "gateway"
    password = var.database_password
    sslmode  = "verify-full"
  })
}

# With a reference in the place of the password, the string itself is no secret:
# gateway:{{ env.DB_PASSWORD }}@tcp(db.example.com:3306)/app?tls=true
output "mysql" {
  value = provider::terrascale::connection_string("mysql", {
    host     = "db.example.com"
    database = "app"
    username = "gateway"
    password = provider::terrascale::env_ref("DB_PASSWORD")
    tls      = true
  })
}

# rediss://:{{ env.REDIS_PASSWORD }}@[2001:db8::7]:6379/0
output "redis" {
  value = provider::terrascale::connection_string("redis", {
    host     = "2001:db8::7"
    database = 0
    password = provider::terrascale::env_ref("REDIS_PASSWORD")
    tls      = true
  })
}
