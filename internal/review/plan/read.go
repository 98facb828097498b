// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// howTo is what an error tells the reader to run.
const howTo = "run: terraform plan -out=tfplan && terraform show -json tfplan | terraform-provider-terrascale plan-review"

// Errors of what is not a plan as JSON.
var (
	ErrNotAPlan = errors.New("the input is not a plan in JSON")
	ErrVersion  = errors.New("the plan has another format version")
)

// formatMajor is the major version of the format that this package reads.
const formatMajor = "1"

// Options say what to look for in a plan.
type Options struct {
	// FailOn names least-privilege rules; what breaks them is listed.
	FailOn []string
	// Environment is the environment where the plan's provider blocks name none; it decides about the production rules.
	Environment string
	// Now is the time by which the life of a key is judged.
	Now time.Time
}

// Read reads a plan as 'terraform show -json' writes it. It holds one change of the plan at a time.
func Read(input io.Reader, options Options) (*Review, error) {
	if err := checkRules(options.FailOn); err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(input)
	if err := checkStart(buffered); err != nil {
		return nil, err
	}
	r := &reader{
		decoder: json.NewDecoder(buffered), review: &Review{Version: reviewVersion, now: options.Now}, rules: ruleBook{failOn: union(options.FailOn, nil), now: options.Now},
		production: policy.IsProduction(options.Environment), productive: map[string]bool{},
	}
	r.decoder.UseNumber()
	if err := r.plan(); err != nil {
		return nil, err
	}
	r.production = r.production || slices.ContainsFunc(r.environments, func(variable string) bool { return r.productive[variable] })
	r.rules.settle(r.review, r.production)
	r.review.settle()
	return r.review, nil
}

// checkStart recognizes by its first bytes what people give by mistake.
func checkStart(input *bufio.Reader) error {
	start, err := input.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the plan: %w", err)
	}
	switch {
	case len(start) == 0:
		return fmt.Errorf("%w: it is empty; %s", ErrNotAPlan, howTo)
	case bytes.HasPrefix(start, []byte("PK")):
		return fmt.Errorf("%w: it is the plan file itself; %s", ErrNotAPlan, howTo)
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return fmt.Errorf("%w: it is UTF-16, as PowerShell's > writes it; pipe the output instead; %s", ErrNotAPlan, howTo)
	case bytes.HasPrefix(start, []byte{0xef, 0xbb, 0xbf}):
		_, err = input.Discard(3)
		return err
	default:
		return nil
	}
}

// reader reads one plan.
type reader struct {
	decoder    *json.Decoder
	review     *Review
	rules      ruleBook
	production bool
	// environments are the variables that provider blocks take their environment from, and productive those whose value means production.
	environments []string
	productive   map[string]bool
	// isPlan and isState are set by what only a plan, or a state, has.
	isPlan, isState bool
}

func (r *reader) plan() error {
	if err := r.open('{'); err != nil {
		return err
	}
	for r.decoder.More() {
		name, err := r.name()
		if err != nil {
			return err
		}
		if err := r.part(name); err != nil {
			return err
		}
	}
	if _, err := r.token(); err != nil {
		return err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more follows after its end; %s", ErrNotAPlan, howTo)
	}
	switch {
	case r.isState && !r.isPlan:
		return fmt.Errorf("%w: it is a state; %s", ErrNotAPlan, howTo)
	case !r.isPlan:
		return fmt.Errorf("%w: nothing of a plan is in it; %s", ErrNotAPlan, howTo)
	case r.review.Plan.FormatVersion == "":
		return fmt.Errorf("%w: it has no format_version; %s", ErrNotAPlan, howTo)
	}
	return nil
}

// part reads one attribute of the plan. What it does not need is skipped without holding it.
func (r *reader) part(name string) error {
	switch name {
	case "format_version":
		return r.formatVersion()
	case "terraform_version":
		return r.decode(&r.review.Plan.TerraformVersion)
	case "errored":
		r.isPlan = true
		return r.decode(&r.review.Plan.Errored)
	case "complete":
		var isComplete *bool
		err := r.decode(&isComplete)
		r.review.Plan.Partial = isComplete != nil && !*isComplete
		return err
	case "resource_changes":
		r.isPlan = true
		return r.each(func() error {
			return r.change(func(c change) {
				r.review.tell(c)
				if c.isOwn() {
					r.rules.look(r.review, c)
				}
			})
		})
	case "resource_drift":
		r.isPlan = true
		return r.each(func() error { return r.change(r.review.tellOutside) })
	case "deferred_changes":
		r.isPlan = true
		return r.each(func() error {
			r.review.Plan.Deferred++
			return r.skip()
		})
	case "configuration":
		r.isPlan = true
		return r.fields(func(name string) error {
			if name == "provider_config" {
				return r.fields(func(string) error { return r.providerBlock() })
			}
			return r.skip()
		})
	case "variables":
		return r.fields(r.variable)
	case "planned_values", "output_changes", "applyable":
		r.isPlan = true
	case "values":
		r.isState = true
	}
	return r.skip()
}

func (r *reader) formatVersion() error {
	var version string
	if err := r.decode(&version); err != nil {
		return err
	}
	major, _, _ := strings.Cut(version, ".")
	if major != formatMajor {
		return fmt.Errorf("%w: %q, and this program reads %s.x; use the release of the provider that fits your Terraform or OpenTofu",
			ErrVersion, markdown.Cut(version, 20), formatMajor)
	}
	r.review.Plan.FormatVersion = version
	return nil
}

// change reads one resource change, and hands it on when it is one of a managed resource.
func (r *reader) change(tell func(change)) error {
	var read resourceChange
	if err := r.decode(&read); err != nil {
		return err
	}
	if read.Mode == "data" {
		return nil
	}
	c, err := read.change()
	if err != nil {
		return fmt.Errorf("%w: the change of %s: %w", ErrNotAPlan, shownAddress(read.Address), err)
	}
	tell(c)
	return nil
}

// providerBlock looks for the environment in a provider block of this provider.
func (r *reader) providerBlock() error {
	var name, fullName string
	var environment struct {
		Value      any      `json:"constant_value"`
		References []string `json:"references"`
	}
	err := r.fields(func(field string) error {
		switch field {
		case "name":
			return r.decode(&name)
		case "full_name":
			return r.decode(&fullName)
		case "expressions":
			return r.fields(func(attribute string) error {
				if attribute == "environment" {
					return r.decode(&environment)
				}
				return r.skip()
			})
		default:
			return r.skip()
		}
	})
	text, _ := environment.Value.(string)
	if name == providerName {
		r.production = r.production || policy.IsProduction(text)
		r.environments = append(r.environments, environment.References...)
	}
	return err
}

// variable remembers of a variable only whether its value means production.
func (r *reader) variable(name string) error {
	return r.fields(func(field string) error {
		if field != "value" {
			return r.skip()
		}
		token, err := r.token()
		if err != nil {
			return err
		}
		if text, isText := token.(string); isText && policy.IsProduction(text) {
			r.productive["var."+name] = true
		}
		return r.skipRest(token)
	})
}
