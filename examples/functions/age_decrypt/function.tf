variable "age_recipients" {
  description = "Who can read the secrets in the state (age1…, or SSH public keys)"
  type        = set(string)
}

variable "age_identity" {
  description = "The private half of one of them, AGE-SECRET-KEY-1…, from the CI system's secrets"
  type        = string
  ephemeral   = true
}

provider "terrascale" {
  age_recipients = var.age_recipients
}

# The state holds the key's secret as ciphertext.
resource "terrascale_api_key" "backend" {
  name       = "backend"
  scopes     = ["database:read"]
  expires_in = "100d"
}

# Any run can hand it on: to .env here, or to a secret manager's write-only argument.
resource "terrascale_adapter" "backend" {
  config_file       = "${path.root}/config.terse"
  name              = "backend"
  connector         = "redis"
  connection_string = "{{ env.BACKEND_KEY }}"
  dotenv = {
    file             = "${path.root}/.env"
    variable         = "BACKEND_KEY"
    value_wo         = provider::terrascale::age_decrypt(terrascale_api_key.backend.secret_encrypted, var.age_identity)
    value_wo_version = 1
  }
}
