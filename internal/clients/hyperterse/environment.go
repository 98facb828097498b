// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Environment is what a gateway fills references in from: its process's variables and, for those that are not set there,
// a .env file's.
type Environment struct {
	process func(string) (string, bool)
	path    string
	file    map[string]string
}

// MissingVariableError says that nothing sets a variable that a connection string refers to.
type MissingVariableError struct {
	Name string
	// File is the .env file that was looked into; empty for none.
	File string
}

// Error names the variable, and where it was looked for.
func (e *MissingVariableError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("the environment variable %s is not set", e.Name)
	}
	return fmt.Sprintf("the environment variable %s is not set, neither here nor in %s", e.Name, e.File)
}

// NewEnvironment takes a process's variables (os.LookupEnv) and reads a .env file, if a path is given. A file that is not
// there is fs.ErrNotExist, one that Hyperterse could not read ErrInvalidFile.
func NewEnvironment(process func(string) (string, bool), path string) (Environment, error) {
	e := Environment{process: process, path: path}
	if path == "" {
		return e, nil
	}
	f, err := load(path)
	if err != nil {
		return e, inFile(path, err)
	}
	if f.info == nil {
		return e, inFile(path, fmt.Errorf("there is no such file: %w", fs.ErrNotExist))
	}
	_, e.file, err = parseDotenv(f.text)
	return e, inFile(path, err)
}

// lookup gives a variable. One that the process has, empty or not, is not taken from the file.
func (e Environment) lookup(name string) (string, bool) {
	if value, set := e.process(name); set {
		return value, true
	}
	value, set := e.file[name]
	return value, set
}

// File gives the variables of the .env file alone.
func (e Environment) File() map[string]secret.String {
	variables := make(map[string]secret.String, len(e.file))
	for name, value := range e.file {
		variables[name] = secret.New(value)
	}
	return variables
}

// Fill replaces the references of a connection string, all at once: a reference in a value stays text. What is missing is
// a *MissingVariableError.
func (e Environment) Fill(connectionString string) (secret.String, error) {
	values := map[string]string{}
	for _, name := range References(connectionString) {
		value, set := e.lookup(name)
		if !set {
			return secret.String{}, &MissingVariableError{Name: name, File: e.path}
		}
		values[name] = value
	}
	return secret.New(reference.ReplaceAllStringFunc(connectionString, func(found string) string {
		return values[reference.FindStringSubmatch(found)[1]]
	})), nil
}

// Secrets gives what of a filled connection string nobody should see: the string itself, and its passwords as they are
// written and as they are meant.
func Secrets(connector string, filled secret.String) []secret.String {
	text := filled.Reveal()
	found := map[string]bool{text: true}
	if parts, err := parseConnection(connector, placeholders{text: text}); err == nil {
		found[parts.password] = true
		for name, value := range parts.parameters {
			if secretKey.MatchString(name) {
				found[value] = true
			}
		}
	}
	if _, rest, isURL := strings.Cut(text, "://"); isURL {
		userinfo, _, _ := strings.Cut(rest, "@")
		_, password, _ := strings.Cut(userinfo, ":")
		found[password] = true
	}
	delete(found, "")
	var secrets []secret.String
	for value := range maps.Keys(found) {
		secrets = append(secrets, secret.New(value))
	}
	return secrets
}

// CheckFilled says what is wrong with a connection string whose references are filled in, or nil: ErrMalformed, in words
// that quote nothing of it.
func CheckFilled(connector string, filled secret.String) error {
	if filled.IsEmpty() {
		return malformed("it is empty")
	}
	_, err := parseConnection(connector, placeholders{text: filled.Reveal()})
	if err != nil && !errors.Is(err, ErrMalformed) {
		return malformed("the driver could not read it")
	}
	return err
}

// MayBeUnescaped reports whether a URL whose references are filled in has an @ in its path or in a parameter's name, behind
// the one that ends the password for its driver. The password may go on until there: what the driver takes for the host, the
// port or the database may be part of it.
func MayBeUnescaped(filled secret.String) bool {
	_, rest, isURL := strings.Cut(filled.Reveal(), "://")
	if !isURL {
		return false
	}
	authorityEnd := strings.IndexAny(rest, "/?#")
	if authorityEnd < 0 || !strings.Contains(rest[:authorityEnd], "@") {
		return false // CheckFilled refuses it where the only @ stands behind.
	}
	path, query, _ := strings.Cut(rest[authorityEnd:], "?")
	return strings.Contains(path, "@") || strings.Contains(keysOf(query), "@")
}

// dotenvNames are the files that Hyperterse, of either version, looks for in a folder. It reads the first that is there, and no other.
var dotenvNames = []string{".env.local", ".env.development", ".env"}

// DotenvBefore gives the file that Hyperterse reads instead of a .env file: one beside it that goes before it. It is empty where there is
// none, or where the file bears a name that Hyperterse does not look for.
func DotenvBefore(dotenv string) string {
	own := slices.Index(dotenvNames, filepath.Base(dotenv))
	for i := range own {
		other := filepath.Join(filepath.Dir(dotenv), dotenvNames[i])
		if info, err := os.Stat(other); err == nil && info.Mode().IsRegular() {
			return other
		}
	}
	return ""
}
