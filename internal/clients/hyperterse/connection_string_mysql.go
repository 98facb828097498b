// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// mysqlPlain are the parameters whose values the driver takes as they stand, and mysqlPlainForm what can stand there.
var (
	mysqlPlain = []string{
		"allowAllFiles", "allowCleartextPasswords", "allowFallbackToPlaintext", "allowNativePasswords", "allowOldPasswords",
		"charset", "checkConnLiveness", "clientFoundRows", "collation", "columnsWithAlias", "compress", "interpolateParams",
		"maxAllowedPacket", "multiStatements", "parseTime", "readTimeout", "rejectReadOnly", "timeTruncate", "timeout",
		"writeTimeout",
	}
	mysqlPlainForm = regexp.MustCompile(`^[A-Za-z0-9_.,+µ-]*$`)
)

// mysql writes a DSN. User and password stand in it as they are: the driver splits at the last / and, before it, at the
// last @ and the first colon.
func (f ConnectionFields) mysql() (secret.String, error) {
	if strings.Contains(f.Username, ":") {
		return secret.String{}, &FieldError{"username", "the driver can't read a user's name with a colon in it"}
	}
	for _, name := range mysqlPlain {
		if value := f.Parameters[name]; !isReference(value) && !mysqlPlainForm.MatchString(value) {
			return secret.String{}, &FieldError{name, "the driver reads no special character here: write letters, digits, _, ., comma, + and -"}
		}
	}
	user := ""
	switch {
	case !f.Password.IsEmpty():
		user = f.Username + ":" + f.Password.Reveal() + "@"
	case f.Username != "":
		user = f.Username + "@"
	}
	address := "tcp(" + f.address(func(host string) string { return host }) + ")"
	if f.isSocket() {
		address = "unix(" + f.Host + ")"
	}
	pairs := f.query()
	for i, name := range slices.Sorted(maps.Keys(f.Parameters)) {
		if slices.Contains(mysqlPlain, name) {
			pairs[i] = name + "=" + f.Parameters[name]
		}
	}
	return secret.New(user + address + "/" + escape(f.Database) + joinQuery(pairs)), nil
}
