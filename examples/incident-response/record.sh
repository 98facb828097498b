#!/bin/sh
# Plans the response to an incident, and writes to incident.md what it changes about access: the record for the report. The arguments go to
# terraform plan. Then: terraform apply incident.plan
set -eu

terraform plan -input=false -no-color -out=incident.plan "$@"
provider=$(find -L .terraform/providers -type f -name 'terraform-provider-terrascale*' | head -n 1)
terraform show -json incident.plan | "$provider" plan-review > incident.md
