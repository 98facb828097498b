// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// request is what a change asks for at one time.
type request struct {
	part *part
	// changes are carried out first; role is the one that they concern.
	role    string
	changes []change
	// names are roles to be read, schemas what holds objects to be read, and entries whose privileges: what several ask for is read once.
	names   []string
	schemas []string
	entries *scope
	// readable is what a new role can read.
	readable  *readable
	questions []question
	// own are readings that nobody else shares.
	own []reading
	// elsewhere are other databases, in which it is looked at what owners own. Each is looked at once for all.
	elsewhere, owners []string
	// isLast is set when nothing is asked for after it.
	isLast bool

	roster *roster
	found  *contents
	owned  []dependent
	err    error
	done   chan struct{}
}

// ask waits for the answer to a request.
func (p *part) ask(r *request) error {
	r.part, r.done = p, make(chan struct{})
	p.transaction.asks <- r
	<-r.done
	return r.err
}

// finish carries out the last changes, and asks after them. With those of all others, they go to the server with the COMMIT.
func (p *part) finish(role string, changes []change, questions ...question) error {
	return p.ask(&request{role: role, changes: changes, questions: questions, isLast: true})
}

// read runs queries.
func (p *part) read(readings ...reading) error {
	if err := p.ask(&request{own: readings}); err != nil {
		return fmt.Errorf("read the catalogue: %w", err)
	}
	return nil
}

// readRole reads one role and its logins, without their privileges, and asks more.
func (p *part) readRole(name string, questions ...question) (*Observed, error) {
	r := &request{names: nameAndLogins(name), questions: questions}
	if err := p.ask(r); err != nil {
		return nil, fmt.Errorf("read role %s: %w", name, err)
	}
	return r.roster.observe(name)
}

// readContents reads what some schemas hold and, where that is asked for, who has what. What others ask for at the same time may be in it.
func (p *part) readContents(schemas []string, entries *scope, questions ...question) (*contents, error) {
	r := &request{schemas: schemas, entries: entries, questions: questions}
	if err := p.ask(r); err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return r.found, nil
}

// readOwnedIn looks at what roles own in other databases.
func (p *part) readOwnedIn(databases, owners []string) ([]dependent, error) {
	if len(databases) == 0 {
		return nil, nil
	}
	r := &request{elsewhere: databases, owners: owners}
	err := p.ask(r)
	return r.owned, err
}

// isSuperuser reports whether the admin is one.
func (p *part) isSuperuser() bool { return isSuperuser(p.transaction.connection) }

// round carries out what all changes of a transaction ask for.
func (t *transaction) round(ctx context.Context, asked []*request) {
	t.lookElsewhere(ctx, asked)
	if t.failure != nil {
		return
	}
	lent := t.borrow(ctx, asked)
	if t.failure != nil {
		return
	}
	isLast := !slices.ContainsFunc(asked, func(r *request) bool { return !r.isLast || r.err != nil })
	asked = slices.DeleteFunc(slices.Clone(asked), func(r *request) bool { return r.err != nil })
	items := itemsOfAll(lent.take, "take the rights that are needed")
	var plain, afterwards []item
	together := map[togetherness]*severalRoles{asRevocation: {}, asGrant: {}}
	for _, r := range asked {
		for _, c := range r.changes {
			switch {
			case c.isAfterwards:
				afterwards = append(afterwards, t.itemsOf(r, c)...)
			case c.together != alone:
				together[c.together].add(r, c)
			default:
				plain = append(plain, t.itemsOf(r, c)...)
			}
		}
		r.part.wrote = r.part.wrote || len(r.changes) > 0
	}
	items = append(items, together[asRevocation].shared()...)
	items = append(items, plain...)
	items = append(items, together[asGrant].items...)
	items = append(items, itemsOfAll(lent.giveBack, "give rights back")...)
	items = append(items, afterwards...)
	shared := newSharedReading(asked)
	items = append(items, shared.items()...)
	for _, r := range asked {
		for _, own := range r.own {
			items = append(items, itemOf(own, r))
		}
	}
	if isLast {
		items = append(items, item{sql: "COMMIT", isCommit: true})
	}
	t.send(ctx, items)
	if t.failure == nil {
		shared.answer(asked)
	}
}

// lookElsewhere looks at what owners own in other databases, on connections of their own.
func (t *transaction) lookElsewhere(ctx context.Context, asked []*request) {
	owners := map[string][]string{}
	for _, r := range asked {
		for _, database := range r.elsewhere {
			owners[database] = append(owners[database], r.owners...)
		}
	}
	for _, database := range sortedKeys(owners) {
		found, err := t.server.readOwned(ctx, database, distinct(owners[database]))
		if err != nil {
			t.lose(fmt.Errorf("database %s: %w", database, err))
			return
		}
		for _, r := range asked {
			for _, owned := range found {
				if slices.Contains(r.elsewhere, database) && slices.Contains(r.owners, owned.Role) {
					r.owned = append(r.owned, owned)
				}
			}
		}
	}
}

// itemsOf gives the statements of a change: a privilege is taken away by who gave it.
func (t *transaction) itemsOf(r *request, c change) []item {
	var items []item
	add := func(sql statement) {
		items = append(items, item{sql: string(sql), of: []*request{r}, explain: c.explain})
	}
	switch c.grantor {
	case "", t.server.config.Username:
		add(c.sql)
	default:
		add(actAs(c.grantor))
		add(c.sql)
		add(actAsOneself)
	}
	return items
}

// togetherness says where in a round trip the same changes of several roles are made at once: the server writes what holds a table's access
// list once for all of them, and not once for each.
type togetherness int

const (
	alone togetherness = iota
	// asRevocation is first of all, and only done for several: what comes after takes the same away.
	asRevocation
	// asGrant is last.
	asGrant
)

// severalRoles are changes that end in the roles, apart from CASCADE, each made for all roles that it is asked for.
type severalRoles struct {
	items []item
	roles [][]string
	// at is where each is, by all of its text but the role.
	at map[[2]string]int
}

func (s *severalRoles) add(r *request, c change) {
	text, cascades := strings.CutSuffix(string(c.sql), cascade)
	tail := ""
	if cascades {
		tail = cascade
	}
	name := identifier(r.role)
	head := strings.TrimSuffix(text, name)
	at, isKnown := s.at[[2]string{head, tail}]
	if !isKnown {
		if s.at == nil {
			s.at = map[[2]string]int{}
		}
		s.at[[2]string{head, tail}] = len(s.items)
		s.items = append(s.items, item{sql: string(c.sql), of: []*request{r}, explain: c.explain})
		s.roles = append(s.roles, []string{name})
		return
	}
	s.roles[at] = append(s.roles[at], name)
	s.items[at] = item{sql: head + strings.Join(s.roles[at], ", ") + tail, of: append(s.items[at].of, r)}
}

// shared gives those that are for several roles.
func (s *severalRoles) shared() []item {
	var items []item
	for i, item := range s.items {
		if len(s.roles[i]) > 1 {
			items = append(items, item)
		}
	}
	return items
}

// itemOf gives the item of a reading: of one request, or for all.
func itemOf(of reading, r ...*request) item {
	return item{sql: of.sql, arguments: of.arguments, collect: of.collect, of: r}
}

func itemsOfAll(statements []statement, doing string) []item {
	items := make([]item, len(statements))
	for i, sql := range statements {
		items[i] = item{sql: string(sql), explain: func(err error) error { return fmt.Errorf("%s: %w", doing, err) }}
	}
	return items
}

// sharedReading is what several changes ask for, read once.
type sharedReading struct {
	roster  *roster
	names   []string
	objects *contents
	schemas []string
	// entries holds those with and those without what everybody has, by withoutPublic.
	entries map[bool]*contents
	scopes  map[bool]scope
	// readables holds, of what is looked at for roles, each once with all roles, and questions each once about all.
	readables []*readable
	questions map[string]*question
}

func newSharedReading(asked []*request) *sharedReading {
	s := &sharedReading{entries: map[bool]*contents{}, scopes: map[bool]scope{}, questions: map[string]*question{}}
	for _, r := range asked {
		s.names = append(s.names, r.names...)
		s.schemas = append(s.schemas, r.schemas...)
		if r.entries != nil {
			of := s.scopes[r.entries.withoutPublic]
			of.withoutPublic = r.entries.withoutPublic
			of.grantees = append(slices.Clip(of.grantees), r.entries.grantees...)
			s.scopes[r.entries.withoutPublic] = of
		}
		if r.readable != nil {
			s.addReadable(r)
		}
		for _, q := range r.questions {
			if s.questions[q.sql] == nil {
				s.questions[q.sql] = &question{sql: q.sql, found: new([]dependent)}
			}
			s.questions[q.sql].names = append(s.questions[q.sql].names, q.names...)
		}
	}
	return s
}

// addReadable has a request take part in what another one asks for.
func (s *sharedReading) addReadable(r *request) {
	for _, other := range s.readables {
		if other.isLike(r.readable) {
			other.roles = append(other.roles, r.readable.roles...)
			r.readable = other
			return
		}
	}
	s.readables = append(s.readables, r.readable)
}

func (s *sharedReading) items() []item {
	var items []item
	if len(s.names) > 0 {
		s.roster = newRoster()
		for _, r := range s.roster.readings(distinct(s.names)) {
			items = append(items, itemOf(r))
		}
	}
	if len(s.schemas) > 0 {
		s.objects = &contents{}
		items = append(items, itemOf(s.objects.readObjects(scope{schemas: distinct(s.schemas)})))
	}
	for _, without := range []bool{false, true} {
		if of, isAsked := s.scopes[without]; isAsked {
			of.grantees = distinct(of.grantees)
			s.entries[without] = &contents{}
			items = append(items, itemOf(s.entries[without].readEntries(of)))
		}
	}
	for _, of := range s.readables {
		items = append(items, itemOf(of.reading()))
	}
	for _, sql := range sortedKeys(s.questions) {
		items = append(items, itemOf(s.questions[sql].reading()))
	}
	return items
}

// answer gives each request what it asked for, as its own.
func (s *sharedReading) answer(asked []*request) {
	for _, r := range asked {
		r.roster = s.roster
		for _, q := range r.questions {
			for _, row := range *s.questions[q.sql].found {
				if slices.Contains(q.names, row.Role) {
					*q.found = append(*q.found, row)
				}
			}
		}
		r.found = &contents{schemas: map[string]schemaContents{}}
		r.found.forgetEntries()
		if s.objects != nil {
			r.found.schemas = maps.Clone(s.objects.schemas)
		}
		if r.entries != nil {
			r.found.adoptEntries(s.entries[r.entries.withoutPublic])
		}
	}
}

// distinct gives each text once, in order, and never nil.
func distinct(texts []string) []string {
	sorted := append([]string{}, texts...)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
