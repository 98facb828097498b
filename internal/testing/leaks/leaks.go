// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package leaks searches what a run leaves behind for secrets, however they are written in it: in clear, in base64, escaped for a URL, JSON or HTML,
// in hex, and in archives.
package leaks

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

const (
	// window is how many bytes of a spelling are looked for at once.
	window = 8
	// shortest is how many bytes a secret has at least: a shorter one turns up by chance, and its base64 may not fill a window.
	shortest = 12
	// filterBits is how many bits of a window's hash the filter knows.
	filterBits = 20
)

// Find is a secret that stands somewhere.
type Find struct {
	// Place is a kind of thing that was searched, such as "state", and Secret the name that the secret is known by.
	Place, Secret string
}

// Search holds what is known, and what was found.
type Search struct {
	spellings map[uint64][]spelling
	// filter has a bit for the hash of each window, so that most of what is searched needs no look into the map.
	filter [1 << filterBits]bool
	known  map[string]string

	found  map[Find]string
	places map[string]bool
	files  int
	bytes  int64
}

// New makes a search that knows nothing.
func New() *Search {
	return &Search{spellings: map[uint64][]spelling{}, known: map[string]string{}, found: map[Find]string{}, places: map[string]bool{}}
}

// Know adds a secret to be looked for from now on. The same one may be known by one name only, so that each find means something.
func (s *Search) Know(name, secret string) error {
	for known, text := range s.known {
		if known != name && text == secret {
			return fmt.Errorf("%s and %s are the same secret", known, name)
		}
	}
	if known, isKnown := s.known[name]; isKnown && known != secret {
		return fmt.Errorf("two secrets are called %s", name)
	}
	if len(secret) < shortest {
		return fmt.Errorf("%s is too short to be looked for: it would turn up by chance", name)
	}
	if _, isKnown := s.known[name]; isKnown {
		return nil
	}
	s.known[name] = secret
	for _, one := range spell(secret) {
		one.secret = name
		key := binary.LittleEndian.Uint64([]byte(one.text))
		s.spellings[key] = append(s.spellings[key], one)
		s.filter[hash(key)] = true
	}
	return nil
}

func hash(key uint64) uint64 { return (key * 0x9E3779B97F4A7C15) >> (64 - filterBits) }

// Look searches a text of a place, and what is packed in it. The name says where in the place it is.
func (s *Search) Look(place, name string, content []byte) error {
	s.files++
	return s.look(place, name, content)
}

func (s *Search) look(place, name string, content []byte) error {
	s.places[place] = true
	s.bytes += int64(len(content))
	for at := 0; at+window <= len(content); at++ {
		key := binary.LittleEndian.Uint64(content[at:])
		if !s.filter[hash(key)] {
			continue
		}
		for _, one := range s.spellings[key] {
			find := Find{place, one.secret}
			if _, isFound := s.found[find]; !isFound && bytes.HasPrefix(content[at:], []byte(one.text)) {
				s.found[find] = fmt.Sprintf("%s at byte %d, %s: …%s…", name, at, one.kind, around(content, at, len(one.text)))
			}
		}
	}
	return s.unpack(place, name, content)
}

// around gives the text before a find, which tells where it is from.
func around(content []byte, at, length int) string {
	before, after := content[max(0, at-160):at], content[at+length:min(len(content), at+length+40)]
	return fmt.Sprintf("%q[HERE]%q", before, after)
}

// unpack searches what is packed: plans are zip archives.
func (s *Search) unpack(place, name string, content []byte) error {
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
		}
		for _, file := range archive.File {
			packed, err := file.Open()
			if err != nil {
				return fmt.Errorf("unpack %s of %s: %w", file.Name, name, err)
			}
			if err := s.lookThrough(place, name+"!"+file.Name, packed); err != nil {
				return err
			}
		}
	case bytes.HasPrefix(content, []byte("\x1f\x8b")):
		packed, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
		}
		return s.lookThrough(place, name+"!", packed)
	}
	return nil
}

func (s *Search) lookThrough(place, name string, packed io.ReadCloser) error {
	content, err := io.ReadAll(packed)
	if err = errors.Join(err, packed.Close()); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	return s.look(place, name, content)
}

// LookFile searches a file.
func (s *Search) LookFile(place, file string) error {
	content, err := os.ReadFile(file) //nolint:gosec // A test says which.
	if err != nil {
		return fmt.Errorf("search %s: %w", file, err)
	}
	return s.Look(place, file, content)
}

// LookTree searches all regular files in a folder. The place of each is said by its path in the folder; "" leaves it out.
func (s *Search) LookTree(folder string, placeOf func(path string) string) error {
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // It went meanwhile.
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		place := placeOf(relative)
		if place == "" {
			return nil
		}
		if err := s.LookFile(place, path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("search a folder: %w", err)
	}
	return nil
}

// Found gives what was found, and where each was first.
func (s *Search) Found() map[Find]string { return maps.Clone(s.found) }

// Sorted gives finds in an order.
func Sorted(finds map[Find]string) []Find {
	return slices.SortedFunc(maps.Keys(finds), func(a, b Find) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Secret, b.Secret))
	})
}

// Secrets is how many are known, Files and Bytes how much was searched, and Places where.
func (s *Search) Secrets() int { return len(s.known) }

// Files is how many files, and texts that are none, were searched.
func (s *Search) Files() int { return s.files }

// Bytes is how much was searched, unpacked.
func (s *Search) Bytes() int64 { return s.bytes }

// Places are the kinds of things that were searched.
func (s *Search) Places() []string { return slices.Sorted(maps.Keys(s.places)) }
