terraform import terrascale_team_member.analyst org_01HZX3M5V7/grace@example.com

# In the organization that the provider works in:
terraform import terrascale_team_member.analyst grace@example.com
