// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package plan tells in words what a plan of Terraform or OpenTofu changes about access: who gains it, who loses it, which credential is
// replaced or ends. It is pure: a plan as JSON in, a review out. What is sensitive in a plan never comes out.
package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
)

// reviewVersion is the version of the review as JSON. It grows when something that was there goes or means something else.
const reviewVersion = 1

// Review is what a plan changes. As JSON it is stable: see reviewVersion.
type Review struct {
	// Version is that of this shape.
	Version int  `json:"version"`
	Plan    Plan `json:"plan"`
	// Summary is the review in one line.
	Summary phrase `json:"summary"`
	// Groups are all groups, in the order of the Markdown, also those without lines.
	Groups []*Group `json:"groups"`
	// OtherProviders counts what happens to resources of other providers, by type.
	OtherProviders []*Count `json:"other_providers"`
	// OtherOutside is how many resources of other providers changed outside of Terraform.
	OtherOutside int `json:"other_providers_changed_outside"`
	// BrokenRules are those of the rules asked for that a planned resource breaks.
	BrokenRules []BrokenRule `json:"broken_rules"`
	// Exceptions are all exceptions from rules that the planned resources have.
	Exceptions []Exception `json:"exceptions"`

	byType map[string]*Count
	now    time.Time
}

// Plan is what the plan says of itself.
type Plan struct {
	FormatVersion    string `json:"format_version"`
	TerraformVersion string `json:"terraform_version"`
	// Errored says that planning ended with an error, so that changes may be missing.
	Errored bool `json:"errored"`
	// Partial says that another plan has to follow after this one.
	Partial bool `json:"partial"`
	// Deferred is how many changes are left to a later plan.
	Deferred int `json:"deferred"`
}

// Group is lines of one kind.
type Group struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Lines []Line `json:"lines"`
}

// Line is one thing that changes.
type Line struct {
	// Address is the resource's.
	Address string `json:"address"`
	Text    phrase `json:"text"`
}

// Count is what happens to the resources of one type.
type Count struct {
	Type    string `json:"type"`
	Create  int    `json:"create"`
	Update  int    `json:"update"`
	Replace int    `json:"replace"`
	Destroy int    `json:"destroy"`
	Forget  int    `json:"forget"`
	Import  int    `json:"import"`
	Move    int    `json:"move"`
}

// group is the index of one in Review.Groups.
type group int

const (
	first group = iota
	gains
	loses
	rotates
	ends
	open
	other
	outside
)

// groups are the groups' names in JSON, their titles, and their words in the summary.
var groups = []struct{ name, title, one, many string }{
	first:   {"replaced_or_destroyed", "Replaced or destroyed", "replaced or destroyed", "replaced or destroyed"},
	gains:   {"gains_access", "Gains access", "gain of access", "gains of access"},
	loses:   {"loses_access", "Loses access", "loss of access", "losses of access"},
	rotates: {"rotates", "Rotates", "rotation", "rotations"},
	ends:    {"ends", "Ends", "ending", "endings"},
	open:    {"not_known_until_apply", "Not known until apply", "not known until apply", "not known until apply"},
	other:   {"other_changes", "Other changes of the provider", "other change", "other changes"},
	outside: {"changed_outside", "Changed outside of Terraform", "changed outside of Terraform", "changed outside of Terraform"},
}

// add adds a line to a group.
func (r *Review) add(to group, address string, text phrase) {
	r.makeGroups()
	r.Groups[to].Lines = append(r.Groups[to].Lines, Line{Address: shownAddress(address), Text: text})
}

func (r *Review) makeGroups() {
	if r.Groups != nil {
		return
	}
	for _, g := range groups {
		r.Groups = append(r.Groups, &Group{Name: g.name, Title: g.title, Lines: []Line{}})
	}
}

// tell tells a planned change.
func (r *Review) tell(c change) {
	if !c.isOwn() {
		r.count(c)
		return
	}
	(&teller{change: c, review: r, kind: kindOf(c.kind)}).tell()
}

// tellOutside tells a change that was found and not planned.
func (r *Review) tellOutside(c change) {
	if !c.isOwn() {
		r.OtherOutside++
		return
	}
	(&teller{change: c, review: r, kind: kindOf(c.kind), isOutside: true}).tellOutside()
}

// count counts a change of another provider's resource.
func (r *Review) count(c change) {
	if c.action == noAction && !c.isMoved() && !c.isImported {
		return
	}
	if r.byType == nil {
		r.byType = map[string]*Count{}
	}
	of, isKnown := r.byType[c.kind]
	if !isKnown {
		of = &Count{Type: markdown.Visible(markdown.Cut(c.kind, longestName))}
		r.byType[c.kind] = of
		r.OtherProviders = append(r.OtherProviders, of)
	}
	switch c.action {
	case create:
		of.Create++
	case update:
		of.Update++
	case replace:
		of.Replace++
	case destroy:
		of.Destroy++
	case forget:
		of.Forget++
	case noAction:
	}
	if c.isImported {
		of.Import++
	}
	if c.isMoved() {
		of.Move++
	}
}

// settle puts what was read in order, and sums it up.
func (r *Review) settle() {
	r.makeGroups()
	for _, g := range r.Groups {
		// What one resource has to say stays in its order.
		slices.SortStableFunc(g.Lines, func(a, b Line) int { return cmp.Compare(a.Address, b.Address) })
	}
	slices.SortFunc(r.OtherProviders, func(a, b *Count) int { return cmp.Compare(a.Type, b.Type) })
	if r.OtherProviders == nil {
		r.OtherProviders = []*Count{}
	}
	r.Plan.FormatVersion, r.Plan.TerraformVersion = markdown.Visible(markdown.Cut(r.Plan.FormatVersion, 20)), markdown.Visible(markdown.Cut(r.Plan.TerraformVersion, 40))
	r.Summary = r.summary()
}
