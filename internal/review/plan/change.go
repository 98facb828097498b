// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
)

// providerName is the last part of the provider's address, whatever registry or mirror it came from.
const providerName = "terrascale"

// resourceChange is an element of resource_changes and resource_drift. The values of other providers' resources are never looked at.
type resourceChange struct {
	Address         string `json:"address"`
	PreviousAddress string `json:"previous_address"`
	Mode            string `json:"mode"`
	Type            string `json:"type"`
	ProviderName    string `json:"provider_name"`
	Deposed         string `json:"deposed"`
	ActionReason    string `json:"action_reason"`
	Change          struct {
		Actions         []string        `json:"actions"`
		Before          json.RawMessage `json:"before"`
		After           json.RawMessage `json:"after"`
		AfterUnknown    json.RawMessage `json:"after_unknown"`
		BeforeSensitive json.RawMessage `json:"before_sensitive"`
		AfterSensitive  json.RawMessage `json:"after_sensitive"`
		ReplacePaths    json.RawMessage `json:"replace_paths"`
		Importing       json.RawMessage `json:"importing"`
	} `json:"change"`
}

// action is what a plan does with a resource.
type action int

const (
	noAction action = iota
	create
	update
	replace
	destroy
	forget
)

// change is a planned change of a resource.
type change struct {
	address, previousAddress string
	kind, provider           string
	action                   action
	// reason is Terraform's word for why a resource is replaced or destroyed.
	reason string
	// replacedBy are the attributes whose change replaces the resource.
	replacedBy []string
	isDeposed  bool
	isImported bool
	// madeFirst says of a replacement that the new one is there before the old one ends.
	madeFirst bool
	// keepsOld says of a replacement that the old one is not destroyed.
	keepsOld bool
	// before and after are null where the resource is not there. They are read for resources of this provider only.
	before, after value
	// secrets are the hidden texts of both. The provider may have made something else of one, such as the name of a login.
	secrets []string
}

func (c change) isOwn() bool { return c.provider == providerName }

func (c change) isMoved() bool { return c.previousAddress != "" && c.previousAddress != c.address }

// exists reports whether the resource is there after the apply.
func (c change) exists() bool { return c.action != destroy && c.action != forget && !c.isDeposed }

func (r resourceChange) change() (change, error) {
	c := change{
		address: r.Address, previousAddress: r.PreviousAddress, kind: r.Type, provider: path.Base(r.ProviderName), reason: r.ActionReason,
		action: actionOf(r.Change.Actions), isDeposed: r.Deposed != "", isImported: isSet(r.Change.Importing),
		madeFirst: len(r.Change.Actions) > 0 && r.Change.Actions[0] == "create",
		keepsOld:  slices.Contains(r.Change.Actions, "forget"),
	}
	if !c.isOwn() {
		return c, nil
	}
	c.replacedBy = firstSteps(r.Change.ReplacePaths)
	var err error
	if c.before, err = readValue(r.Change.Before, nil, r.Change.BeforeSensitive); err != nil {
		return c, err
	}
	c.after, err = readValue(r.Change.After, r.Change.AfterUnknown, r.Change.AfterSensitive)
	for _, secret := range slices.Concat(c.before.hiddenTexts(), c.after.hiddenTexts()) {
		if len(secret) >= shortestSecret {
			c.secrets = append(c.secrets, markdown.Visible(secret))
		}
	}
	return c, err
}

// shortestSecret is how long a hidden text is that is looked for in others: a shorter one would be found everywhere.
const shortestSecret = 3

// scrub hides the names in a phrase that a hidden text of the resource is in. Addresses are not secret.
func (c change) scrub(p phrase) phrase {
	if len(c.secrets) == 0 {
		return p
	}
	return p.mapNames(func(shown string) phrase {
		isSecret := func(secret string) bool { return strings.Contains(shown, secret) }
		if shown == shownAddress(c.address) || shown == shownAddress(c.previousAddress) || !slices.ContainsFunc(c.secrets, isSecret) {
			return phrase(beginName + shown + endName)
		}
		return "(sensitive)"
	})
}

func actionOf(actions []string) action {
	has := func(name string) bool { return slices.Contains(actions, name) }
	switch {
	case has("create") && has("forget"), has("create") && has("delete"):
		return replace
	case has("create"):
		return create
	case has("update"):
		return update
	case has("delete"):
		return destroy
	case has("forget"):
		return forget
	default: // no-op, and read of a data source.
		return noAction
	}
}

func isSet(raw json.RawMessage) bool {
	trimmed := bytes.TrimSpace(raw)
	return len(trimmed) > 0 && !bytes.Equal(trimmed, []byte("null"))
}

// firstSteps gives the attributes that paths begin with. What is further down may be a key that the configuration made up.
func firstSteps(raw json.RawMessage) []string {
	var paths [][]any
	if !isSet(raw) || json.Unmarshal(raw, &paths) != nil {
		return nil
	}
	var names []string
	for _, steps := range paths {
		if len(steps) == 0 {
			continue
		}
		if name, isName := steps[0].(string); isName {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
