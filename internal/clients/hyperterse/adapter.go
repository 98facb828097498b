// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Connectors are the kinds of database that Hyperterse connects to.
var Connectors = []string{Postgres, MySQL, Redis, MongoDB}

// The connectors.
const (
	Postgres = "postgres"
	MySQL    = "mysql"
	Redis    = "redis"
	MongoDB  = "mongodb"
)

var (
	// ErrAdapterNotFound says that the file, or the adapter in it, is not there.
	ErrAdapterNotFound = errors.New("the adapter is not there")
	// ErrAdapterExists says that the file has an adapter of that name.
	ErrAdapterExists = errors.New("the adapter is there already")
	// ErrBlockSyntax says that a file is not YAML but written in Hyperterse's block syntax.
	ErrBlockSyntax = errors.New("the file is written in the block syntax (adapter NAME { … })")
	// ErrInvalidFile says that a file can't be read as what it should be.
	ErrInvalidFile = errors.New("the file is not valid")
	// ErrAlias says that what is to be read or edited shares its text with another part of the file.
	ErrAlias = errors.New("an anchor, an alias or a merge key is part of it")
	// ErrVersion2 says that what should be a configuration file of Hyperterse 1 belongs to Hyperterse 2.
	ErrVersion2 = errors.New("it belongs to a project of Hyperterse 2")
	// ErrVersion1 says that what should be a project of Hyperterse 2 is a configuration of Hyperterse 1.
	ErrVersion1 = errors.New("it is a configuration of Hyperterse 1")
	// ErrNoProject says that a folder has no .hyperterse, so that it is no project.
	ErrNoProject = errors.New("there is no .hyperterse, so that it is no project of Hyperterse 2")
	// ErrIgnoredAdapters says that a project's .hyperterse has adapters in it, which Hyperterse 2 ignores without a word.
	ErrIgnoredAdapters = errors.New("the .hyperterse has adapters in it, which Hyperterse 2 ignores")
	// ErrTwoFiles says that two files of a project are adapters of one name.
	ErrTwoFiles = errors.New("two files are adapters of one name")
	// ErrOutside says that a file of a project is a symbolic link that leads out of it.
	ErrOutside = errors.New("the file is a symbolic link that leads out of the project")
	// ErrLayout says that the file is valid, but laid out in a way that can't be edited without touching other parts.
	ErrLayout = errors.New("the layout can't be edited in place")
)

// Adapter is one entry of a file's adapters.
type Adapter struct {
	// Name passes CheckName.
	Name string
	// Connector is one of Connectors.
	Connector string
	// ConnectionString may refer to the environment: {{ env.NAME }}.
	ConnectionString string
	// Options are driver parameters. A number or boolean of the file is given as its text. Nil and empty are the same.
	Options map[string]string
}

// Equal reports whether two adapters are the same in every part.
func (a Adapter) Equal(other Adapter) bool {
	return a.Name == other.Name && a.Connector == other.Connector && a.ConnectionString == other.ConnectionString &&
		maps.Equal(a.Options, other.Options)
}

var nameForm = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_-]*$`)

// CheckName says what is wrong with an adapter's name, or nil.
func CheckName(name string) error {
	if nameForm.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%q is not a name for an adapter: write a letter, then letters, digits, _ and -, such as \"users_db\"", name)
}

// CheckConnector says that a connector does not exist, or nil.
func CheckConnector(connector string) error {
	if slices.Contains(Connectors, connector) {
		return nil
	}
	return fmt.Errorf("there is no connector %q: write one of %s", connector, strings.Join(Connectors, ", "))
}
