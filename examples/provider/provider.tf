terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

# Credentials come from TERRASCALE_ACCESS_TOKEN, or from TERRASCALE_EMAIL, TERRASCALE_PASSWORD and, with an
# authenticator app, TERRASCALE_TOTP_SECRET. They are needed only where a resource of the service is used.
provider "terrascale" {
  environment     = "prod"
  least_privilege = "enforce"

  # A name for each database server. Every value may be ephemeral; one that is not known before the apply is fine, too.
  postgresql = {
    main = {
      host     = "db.internal.example.com"
      username = "terraform"
      password = var.database_password
    }
  }
}

variable "database_password" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = null
}
