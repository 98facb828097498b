resource "terrascale_database" "shop" {
  name                = "shop"
  region              = "us-east-1"
  deletion_protection = false
}

resource "terrascale_repository" "customers" {
  database_id = terrascale_database.shop.id
  name        = "customers"
  entity_name = "Customer"

  schema = {
    email   = { type = "string", required = true, max_length = 254, pattern = "^[^@]+@[^@]+$" }
    credit  = { type = "number", min = 0, default = jsonencode(0) }
    tags    = { type = "array", max_items = 20, items = { type = "string", max_length = 40 } }
    address = { type = "object", properties = { city = { type = "string" }, zip = { type = "string", min_length = 4 } } }
  }

  # For a try-out: leave it out where the data matters.
  deletion_protection = false
}
