// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// DataSourceFailure reports why a data source can't be read. One whose service is not known yet is read later where Terraform
// can do that. It can't by itself in a plan: unlike a resource, a data source must say all that it has once it is read.
func DataSourceFailure(summary string, err error, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	switch notKnown := errors.Is(err, providerdata.ErrNotKnownYet); {
	case notKnown && req.ClientCapabilities.DeferralAllowed:
		resp.Deferred = &datasource.Deferred{Reason: datasource.DeferredReasonProviderConfigUnknown}
	case notKnown:
		resp.Diagnostics.Append(APIWithAdvice(summary, err, "A value of the provider block is known only at apply, and Terraform reads "+
			"a data source while it plans. Write depends_on = [what that value comes from] in the data block, so that it is read at apply. "+
			"Or apply what the value comes from first (terraform apply -target=…)."))
	default:
		resp.Diagnostics.Append(API(summary, err))
	}
}
