// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
)

// maxHost is the longest pattern of names, in bytes, that every version keeps.
const maxHost = 60

const invalidHost = "Invalid host"

// hostPattern are names, and patterns of names and addresses with the wildcards % and _. Servers keep hosts in lower case.
var hostPattern = regexp.MustCompile(`^[a-z0-9%_.-]+$`)

// host refuses hosts that the server could not keep, or would take for something else.
type host struct{}

// Description says what is asked for.
func (host) Description(context.Context) string {
	return "%, an address, a CIDR, or a pattern of host names."
}

// MarkdownDescription says what is asked for.
func (h host) MarkdownDescription(ctx context.Context) string { return h.Description(ctx) }

// ValidateString reports a host that is none.
func (host) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := serverHost(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, invalidHost, err.Error()+".")
	}
}

// serverHost gives a host as the server writes it.
func serverHost(written string) (string, error) {
	if network, ok := mysql.NetworkOf(written); ok && strings.Contains(written, "/") && strings.Contains(written[strings.Index(written, "/"):], ".") {
		return "", fmt.Errorf("%q has a netmask: write it as the CIDR %q", written, network.Masked())
	}
	if _, err := netip.ParseAddr(written); err != nil && !strings.Contains(written, "/") {
		return written, checkPattern(written)
	}
	network, err := customtypes.ParseCIDR(written)
	if err != nil {
		return "", err
	}
	if canonical := network.Addr().String(); !strings.HasPrefix(written+"/", canonical+"/") {
		return "", fmt.Errorf("%q is written %q by the server: write it so", written, canonical)
	}
	if network.Bits() == 0 {
		return "", fmt.Errorf("%q is every address: write %q", written, mysql.AnyHost)
	}
	kept, ok := mysql.HostOf(network)
	if !ok {
		return "", fmt.Errorf("%q is a network of IPv6, for which the servers have no netmask: write a pattern such as %q, or one address",
			written, "2001:db8:%")
	}
	return kept, nil
}

// addressPattern are beginnings of an IPv6 address with a wildcard.
var addressPattern = regexp.MustCompile(`^[0-9a-f:]+%$`)

func checkPattern(written string) error {
	switch {
	case written == "":
		return fmt.Errorf("the host is empty: write %q for any", mysql.AnyHost)
	case written != strings.ToLower(written):
		return fmt.Errorf("%q has capitals, and the servers keep hosts in lower case: write %q", written, strings.ToLower(written))
	case len(written) > maxHost:
		return fmt.Errorf("%q has %d characters, and the servers keep %d: write a shorter one", written, len(written), maxHost)
	case !hostPattern.MatchString(written) && !addressPattern.MatchString(written):
		return fmt.Errorf("%q is no host: write %q, an address, a CIDR such as \"10.0.0.0/8\", or a name, which may have the wildcards %% and _",
			written, mysql.AnyHost)
	default:
		return nil
	}
}

// writtenHost gives a host of the server as a configuration writes it.
func writtenHost(kept string) string {
	network, ok := mysql.NetworkOf(kept)
	switch {
	case !ok:
		return kept
	case network.IsSingleIP():
		return network.Addr().String()
	default:
		return network.String()
	}
}
