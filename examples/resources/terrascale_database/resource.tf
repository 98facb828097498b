resource "terrascale_database" "app" {
  name   = "orders"
  region = "us-east-1"

  # For a try-out: leave it out where the data matters.
  deletion_protection = false

  timeouts {
    create = "30m"
  }
}
