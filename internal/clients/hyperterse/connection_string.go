// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ConnectionFields are the parts of a connection string as they are, before any escaping. A reference to the
// environment ({{ env.NAME }}) in a part stays one: Hyperterse fills it in with a value that is escaped already.
type ConnectionFields struct {
	// Host is a name, an IPv4 or IPv6 address, for postgres also a socket's folder and for mysql a socket's path (both
	// start with a slash), for mongodb also several names or addresses with commas between them.
	Host string
	// Port is a number from 1 to 65535; empty for the connector's usual one.
	Port string
	// Database is a name, for redis a number; empty for the driver's default.
	Database string
	Username string
	Password secret.String
	// Parameters are the driver's. For redis, "tls" chooses the scheme instead, and for mongodb "srv" does.
	Parameters map[string]string
}

// FieldError says what is wrong with one part, without quoting it: any part may be a misplaced secret.
type FieldError struct {
	// Field is the part's name in a configuration, such as "host".
	Field string
	// Problem says what to write instead.
	Problem string
}

// Error names the part.
func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Problem) }

var (
	usualPorts    = map[string]string{Postgres: "5432", MySQL: "3306", Redis: "6379", MongoDB: "27017"}
	hostForm      = regexp.MustCompile(`^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$`)
	hostPortForm  = regexp.MustCompile(`^[^:/@]+:[0-9]+$`)
	parameterForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// misnamed are other drivers' names of the parts, which would reach the server as settings if they passed.
var misnamed = map[string]string{
	"user": "username", "dbname": "database", "db": "database", "hostname": "host", "address": "host", "pass": "password",
	"passwd": "password", "pwd": "password",
}

// FormatConnection writes a connection string that the connector's driver reads back as the fields: lib/pq (and pgx), a
// URL; go-sql-driver/mysql, a DSN; go-redis and the MongoDB driver, a URL. A part that can't be written is a *FieldError.
func FormatConnection(connector string, fields ConnectionFields) (secret.String, error) {
	if err := CheckConnector(connector); err != nil {
		return secret.String{}, err
	}
	if err := fields.check(connector); err != nil {
		return secret.String{}, err
	}
	if fields.Port == "" {
		fields.Port = usualPorts[connector]
	}
	fields.Parameters = maps.Clone(fields.Parameters)
	if fields.Parameters == nil {
		fields.Parameters = map[string]string{}
	}
	switch connector {
	case Postgres:
		return fields.postgres(), nil
	case MySQL:
		return fields.mysql()
	case Redis:
		return fields.redis()
	default:
		return fields.mongodb()
	}
}

func (f ConnectionFields) check(connector string) error {
	if err := f.checkHost(connector); err != nil {
		return err
	}
	if number, err := strconv.ParseUint(f.Port, 10, 16); f.Port != "" && !isReference(f.Port) && (err != nil || number == 0) {
		return &FieldError{"port", "write a whole number from 1 to 65535"}
	}
	if f.Username == "" && !f.Password.IsEmpty() && connector != Redis {
		return &FieldError{"username", "there is a password but no username: write whom it is the password of"}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Parameters)) {
		if right := misnamed[strings.ToLower(name)]; right != "" {
			return &FieldError{name, "write " + right}
		}
		if !parameterForm.MatchString(name) {
			return &FieldError{name, "this is no name of a driver's parameter: write one of letters, digits, _, . and -"}
		}
	}
	return nil
}

func (f ConnectionFields) checkHost(connector string) error {
	switch {
	case f.Host == "":
		return &FieldError{"host", `it is empty: write the server's name or address, such as "db.example.com"`}
	case f.isSocket() && (connector == Redis || connector == MongoDB):
		return &FieldError{"host", "a socket's path does not work with this connector: write a name or an address"}
	case f.isSocket() && connector == MySQL && strings.Contains(f.Host, "@"):
		return &FieldError{"host", "the driver can't read a socket's path with an @ in it"}
	case f.isSocket():
		return nil
	}
	hosts := []string{f.Host}
	if connector == MongoDB {
		hosts = strings.Split(f.Host, ",")
	}
	for _, host := range hosts {
		_, err := netip.ParseAddr(unbracketed(host))
		switch {
		case err == nil || hostForm.MatchString(reference.ReplaceAllString(host, "x")):
		case hostPortForm.MatchString(host):
			return &FieldError{"host", "it holds a port: write the name alone, and the number as port"}
		default:
			return &FieldError{"host", `it is neither a name nor an address: write one such as "db.example.com" or "10.0.0.7"`}
		}
	}
	return nil
}

func (f ConnectionFields) isSocket() bool { return strings.HasPrefix(f.Host, "/") }

func (f ConnectionFields) postgres() secret.String {
	var query []string
	address := f.address(escape)
	if f.isSocket() {
		address = ""
		query = []string{"host=" + escape(f.Host), "port=" + escape(f.Port)}
	}
	database := f.Database
	if strings.HasPrefix(database, "/") {
		// In the path, drivers take leading slashes for more of the separator.
		query = append(query, "dbname="+escape(database))
		database = ""
	}
	return secret.New("postgres://" + f.userinfo() + address + "/" + escape(database) + joinQuery(append(query, f.query()...)))
}

func (f ConnectionFields) redis() (secret.String, error) {
	scheme, err := f.takeSwitch("tls", "redis", "rediss")
	if err != nil {
		return secret.String{}, err
	}
	if number, err := strconv.Atoi(f.Database); f.Database != "" && !isReference(f.Database) && (err != nil || number < 0) {
		return secret.String{}, &FieldError{"database", "write the database's number, such as 0"}
	}
	return secret.New(scheme + "://" + f.userinfo() + f.address(escape) + "/" + escape(f.Database) + joinQuery(f.query())), nil
}

func (f ConnectionFields) mongodb() (secret.String, error) {
	scheme, err := f.takeSwitch("srv", "mongodb", "mongodb+srv")
	if err != nil {
		return secret.String{}, err
	}
	var addresses []string
	for host := range strings.SplitSeq(f.Host, ",") {
		one := ConnectionFields{Host: host, Port: f.Port}
		if scheme == "mongodb+srv" {
			one.Port = "" // The port comes from the DNS record.
		}
		addresses = append(addresses, one.address(escape))
	}
	return secret.New(scheme + "://" + f.userinfo() + strings.Join(addresses, ",") + "/" + escape(f.Database) +
		joinQuery(f.query())), nil
}

// takeSwitch removes a parameter that chooses between two schemes and gives the scheme.
func (f ConnectionFields) takeSwitch(name, off, on string) (string, error) {
	value, set := f.Parameters[name]
	delete(f.Parameters, name)
	switch {
	case !set || value == "false":
		return off, nil
	case value == "true":
		return on, nil
	default:
		return "", &FieldError{name, "write true or false"}
	}
}

// userinfo gives the part of a URL before the host, its @ included.
func (f ConnectionFields) userinfo() string {
	switch {
	case !f.Password.IsEmpty():
		return escape(f.Username) + ":" + escape(f.Password.Reveal()) + "@"
	case f.Username != "":
		return escape(f.Username) + "@"
	default:
		return ""
	}
}

// address gives host:port, with brackets around the colons of IPv6. Write spells the host as its place asks for.
func (f ConnectionFields) address(write func(string) string) string {
	host := unbracketed(f.Host)
	if address, err := netip.ParseAddr(host); err == nil && address.Is6() {
		plain := "[" + address.WithZone("").String()
		if address.Zone() != "" {
			plain += write("%" + address.Zone())
		}
		host = plain + "]"
	} else {
		host = write(host)
	}
	if f.Port == "" {
		return host
	}
	return host + ":" + f.Port
}

// unbracketed takes the brackets off an IPv6 address.
func unbracketed(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok && strings.HasSuffix(inner, "]") {
		return strings.TrimSuffix(inner, "]")
	}
	return host
}

func (f ConnectionFields) query() []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(f.Parameters)) {
		pairs = append(pairs, name+"="+escape(f.Parameters[name]))
	}
	return pairs
}

func joinQuery(pairs []string) string {
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

// escape writes a text for any part of a URL, as %XX for all but letters, digits, "-", "_", "." and "~" (RFC 3986), and
// leaves references as they are.
func escape(text string) string {
	var escaped strings.Builder
	percent := func(part string) string { return strings.ReplaceAll(url.QueryEscape(part), "+", "%20") }
	last := 0
	for _, at := range reference.FindAllStringIndex(text, -1) {
		escaped.WriteString(percent(text[last:at[0]]) + text[at[0]:at[1]])
		last = at[1]
	}
	return escaped.String() + percent(text[last:])
}

// isReference reports whether a text is references and nothing else.
func isReference(text string) bool {
	return text != "" && reference.ReplaceAllString(text, "") == ""
}
