// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
)

// state says what is known of a value.
type state int

const (
	null state = iota
	known
	// unknown is a value, or one with a part, that is known after apply.
	unknown
	// hidden is a value that is secret. It can be compared, and nothing else.
	hidden
)

// value is an attribute's value in a plan. What is sensitive is taken out as it is read, so that nothing can print it.
type value struct {
	state state
	// raw is for comparisons only.
	raw    any
	scalar string
	list   []value
	object map[string]value
}

// userKeys are attributes whose keys further down are data: a schema may be called secrets.
var userKeys = map[string]bool{"grants": true, "entries": true, "policy_exceptions": true}

// secretNames are attributes that are secret whatever the plan says of them; plainNames are those about a secret that are none.
var (
	secretNames = regexp.MustCompile(`(?i)passw|secret|token|credential|private_?key|passphrase|fingerprint|encrypted|_wo$|^value_wo`)
	plainNames  = regexp.MustCompile(`^(?:password_(?:version|set_at)|password_wo_version|value_wo_version|revoke_api_keys_on_removal)$`)
)

func isSecretName(name string) bool {
	return secretNames.MatchString(name) && !plainNames.MatchString(name)
}

// readValue reads a value with what is unknown and sensitive of it, each a tree whose true covers all below it.
func readValue(raw, unknownRaw, sensitiveRaw json.RawMessage) (value, error) {
	content, err := tree(raw)
	if err != nil {
		return value{}, err
	}
	unknownTree, err := tree(unknownRaw)
	if err != nil {
		return value{}, err
	}
	sensitiveTree, err := tree(sensitiveRaw)
	if err != nil {
		return value{}, err
	}
	return newValue(content, unknownTree, sensitiveTree, false), nil
}

func tree(raw json.RawMessage) (any, error) {
	if !isSet(raw) {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var content any
	err := decoder.Decode(&content)
	return content, err
}

// newValue reads a value; below keysAreData no name says what is secret.
func newValue(content, unknownTree, sensitiveTree any, keysAreData bool) value {
	if unknownTree == true {
		return value{state: unknown}
	}
	if sensitiveTree == true {
		if content == nil && !hasTrue(unknownTree) {
			return value{}
		}
		return value{state: hidden, raw: content}
	}
	switch content := content.(type) {
	case map[string]any:
		return newObject(content, unknownTree, sensitiveTree, keysAreData)
	case []any:
		return newList(content, unknownTree, sensitiveTree, keysAreData)
	default:
		switch {
		case hasTrue(sensitiveTree): // The trees don't fit: better nothing than a secret.
			return value{state: hidden, raw: content}
		case hasTrue(unknownTree):
			return value{state: unknown}
		case content == nil:
			return value{}
		}
		return value{state: known, raw: content, scalar: scalar(content)}
	}
}

func newObject(content map[string]any, unknownTree, sensitiveTree any, keysAreData bool) value {
	unknowns, fits := unknownTree.(map[string]any)
	sensitives, alsoFits := sensitiveTree.(map[string]any)
	if !alsoFits && hasTrue(sensitiveTree) || !fits && hasTrue(unknownTree) {
		return value{state: hidden, raw: content}
	}
	object := value{state: known, raw: content, object: map[string]value{}}
	for name, part := range content {
		read := newValue(part, unknowns[name], sensitives[name], keysAreData || userKeys[name])
		if !keysAreData && isSecretName(name) && read.state == known {
			read = value{state: hidden, raw: read.raw}
		}
		object.object[name] = read
	}
	for name, isUnknown := range unknowns { // What is unknown may be left out.
		if _, isThere := object.object[name]; !isThere && hasTrue(isUnknown) {
			object.object[name] = value{state: unknown}
		}
	}
	return object
}

func newList(content []any, unknownTree, sensitiveTree any, keysAreData bool) value {
	sensitives, fits := sensitiveTree.([]any)
	if hasTrue(sensitiveTree) && (!fits || len(sensitives) != len(content)) {
		return value{state: hidden, raw: content}
	}
	unknowns, _ := unknownTree.([]any)
	list := value{state: known, raw: content, list: []value{}}
	if hasTrue(unknownTree) && len(unknowns) < len(content) {
		list.state = unknown
	}
	for i, element := range content {
		var elementUnknown, elementSensitive any
		if i < len(unknowns) {
			elementUnknown = unknowns[i]
		}
		if i < len(sensitives) {
			elementSensitive = sensitives[i]
		}
		list.list = append(list.list, newValue(element, elementUnknown, elementSensitive, keysAreData))
	}
	for _, elementUnknown := range unknowns[min(len(content), len(unknowns)):] {
		if hasTrue(elementUnknown) {
			list.list = append(list.list, value{state: unknown})
		}
	}
	return list
}

// hasTrue reports whether true is anywhere in a tree.
func hasTrue(tree any) bool {
	switch tree := tree.(type) {
	case bool:
		return tree
	case map[string]any:
		for _, part := range tree {
			if hasTrue(part) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(tree, hasTrue)
	}
	return false
}

func scalar(content any) string {
	switch content := content.(type) {
	case string:
		return content
	case json.Number:
		return content.String()
	case bool:
		if content {
			return "true"
		}
		return "false"
	default:
		return ""
	}
}

// at gives the value below names; null where nothing is there, and what is above where that is unknown or hidden.
func (v value) at(names ...string) value {
	for _, name := range names {
		switch v.state {
		case unknown, hidden:
			return value{state: v.state}
		default:
			v = v.object[name]
		}
	}
	return v
}

// text gives a known string, number or bool as it is written; empty for anything else.
func (v value) text() string { return v.scalar }

// is reports whether the value is a known scalar of this text.
func (v value) is(text string) bool {
	return v.state == known && v.list == nil && v.object == nil && v.scalar == text
}

func (v value) isNull() bool { return v.state == null }

// isOpen reports whether the value, or something in it, is unknown.
func (v value) isOpen() bool {
	if v.state == unknown || slices.ContainsFunc(v.list, value.isOpen) {
		return true
	}
	for _, part := range v.object {
		if part.isOpen() {
			return true
		}
	}
	return false
}

// isHidden reports whether the value, or something in it, is hidden.
func (v value) isHidden() bool {
	if v.state == hidden || slices.ContainsFunc(v.list, value.isHidden) {
		return true
	}
	for _, part := range v.object {
		if part.isHidden() {
			return true
		}
	}
	return false
}

// hiddenTexts gives the texts in what is hidden.
func (v value) hiddenTexts() []string {
	var texts []string
	if v.state == hidden {
		texts = textsIn(v.raw)
	}
	for _, element := range v.list {
		texts = append(texts, element.hiddenTexts()...)
	}
	for _, part := range v.object {
		texts = append(texts, part.hiddenTexts()...)
	}
	return texts
}

// textsIn gives the texts in a tree.
func textsIn(tree any) []string {
	var texts []string
	switch tree := tree.(type) {
	case string:
		return []string{tree}
	case map[string]any:
		for _, part := range tree {
			texts = append(texts, textsIn(part)...)
		}
	case []any:
		for _, part := range tree {
			texts = append(texts, textsIn(part)...)
		}
	}
	return texts
}

// texts gives the known elements of a list or set, in order.
func (v value) texts() []string {
	var texts []string
	for _, element := range v.list {
		if element.state == known {
			texts = append(texts, element.scalar)
		}
	}
	return texts
}

// keys gives the names in an object or map, in order.
func (v value) keys() []string { return slices.Sorted(maps.Keys(v.object)) }

// equals compares two values as far as they are known.
func (v value) equals(other value) bool {
	if v.state == unknown || other.state == unknown {
		return v.state == other.state
	}
	if (v.state == null) != (other.state == null) {
		return false
	}
	return reflect.DeepEqual(v.raw, other.raw) && v.isOpen() == other.isOpen()
}

// minus gives what of a is not in b, in order.
func minus(a, b []string) []string {
	var rest []string
	for _, text := range a {
		if !slices.Contains(b, text) {
			rest = append(rest, text)
		}
	}
	slices.Sort(rest)
	return slices.Compact(rest)
}

// union gives the names of both, in order.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
