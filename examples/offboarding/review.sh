#!/bin/sh
# Plans, and writes to review.md what the plan changes about access, and to warnings.txt what Terraform says: which keys a person made. The
# arguments go to terraform plan. Then: terraform apply offboarding.plan
set -eu

terraform plan -input=false -no-color -out=offboarding.plan "$@" | tee warnings.txt
provider=$(find -L .terraform/providers -type f -name 'terraform-provider-terrascale*' | head -n 1)
terraform show -json offboarding.plan | "$provider" plan-review > review.md
