module github.com/terrascale/terraform-provider-terrascale/internal/tools/release

go 1.26.0
