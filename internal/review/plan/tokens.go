// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// each reads an array; element reads one element. Null is an empty one.
func (r *reader) each(element func() error) error {
	token, err := r.token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('[') {
		return fmt.Errorf("%w: a list was expected; %s", ErrNotAPlan, howTo)
	}
	for r.decoder.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = r.token()
	return err
}

// fields reads an object; field reads the value of one name. Null is an empty one.
func (r *reader) fields(field func(name string) error) error {
	token, err := r.token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('{') {
		return r.skipRest(token)
	}
	for r.decoder.More() {
		name, err := r.name()
		if err != nil {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
	}
	_, err = r.token()
	return err
}

func (r *reader) name() (string, error) {
	token, err := r.token()
	name, _ := token.(string)
	return name, err
}

// open reads a delimiter.
func (r *reader) open(delimiter json.Delim) error {
	token, err := r.token()
	if err == nil && token != delimiter {
		err = fmt.Errorf("%w: it is JSON, but no object; %s", ErrNotAPlan, howTo)
	}
	return err
}

// skip reads a value token by token, so that none is held.
func (r *reader) skip() error {
	token, err := r.token()
	if err != nil {
		return err
	}
	return r.skipRest(token)
}

// skipRest skips what is left of a value whose first token was read.
func (r *reader) skipRest(token json.Token) error {
	for depth := 0; ; {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth <= 0 {
			return nil
		}
		var err error
		if token, err = r.token(); err != nil {
			return err
		}
	}
}

func (r *reader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	return token, r.explain(err)
}

func (r *reader) decode(target any) error { return r.explain(r.decoder.Decode(target)) }

// explain says of a failure what it means for who gave the input. It quotes nothing of the input, which may be secret.
func (r *reader) explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends too early, at byte %d; %s", ErrNotAPlan, r.decoder.InputOffset(), howTo)
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: no JSON at byte %d; %s", ErrNotAPlan, r.decoder.InputOffset(), howTo)
	case errors.As(err, &kind):
		return fmt.Errorf("%w: the value before byte %d is of another kind than in a plan; %s", ErrNotAPlan, r.decoder.InputOffset(), howTo)
	default:
		return fmt.Errorf("read the plan: %w", err)
	}
}
