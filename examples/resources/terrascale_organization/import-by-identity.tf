import {
  to = terrascale_organization.analytics
  identity = {
    id = "org_01HZX3M5V7"
  }
}
