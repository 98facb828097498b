import {
  to = terrascale_team_member.analyst
  identity = {
    organization_id = "org_01HZX3M5V7"
    email           = "grace@example.com"
  }
}
