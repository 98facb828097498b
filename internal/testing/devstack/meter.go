// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// Activity is how often clients logged in to a server, and how many statements it ran for them; BEGIN and COMMIT count.
type Activity struct{ Connections, Statements int }

// MeterSettings make a server log what a Meter counts.
func MeterSettings() map[string]string {
	return map[string]string{"log_statement": "all", "log_connections": "on"}
}

// Meter counts what clients do on a server, exactly: from its log.
type Meter struct {
	logFile string
	offset  int64
	// count takes a line of the log.
	count func(seen *Activity, line string)
}

// NewMeter begins to count now. The server has to run with the setting general-log = ON.
func (m *MariaDB) NewMeter() (*Meter, error) {
	meter := &Meter{logFile: m.GeneralLog, count: (*Activity).countMariaDB}
	_, err := meter.Read()
	return meter, err
}

// NewMeter begins to count now. The server has to run with MeterSettings.
func (p *PostgreSQL) NewMeter() (*Meter, error) {
	m := &Meter{logFile: p.LogFile, count: (*Activity).countPostgreSQL}
	_, err := m.Read()
	return m, err
}

// Read gives what has happened since it was last called.
func (m *Meter) Read() (Activity, error) {
	file, err := os.Open(m.logFile)
	if err != nil {
		return Activity{}, fmt.Errorf("open the server's log: %w", err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(m.offset, io.SeekStart); err != nil {
		return Activity{}, fmt.Errorf("read the server's log: %w", err)
	}
	var seen Activity
	for lines := bufio.NewReader(file); ; {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil {
			return Activity{}, fmt.Errorf("read the server's log: %w", err)
		}
		m.offset += int64(len(line))
		m.count(&seen, line)
	}
}

// countPostgreSQL takes a line. A statement's own further lines begin with a tab.
func (a *Activity) countPostgreSQL(line string) {
	_, message, found := strings.Cut(line, " LOG:  ")
	switch {
	case !found || strings.HasPrefix(line, "\t"):
	case strings.HasPrefix(message, "connection authorized: "):
		a.Connections++
	case strings.HasPrefix(message, "statement: "), strings.HasPrefix(message, "execute "):
		a.Statements++
	}
}

// mariaDBEntry is how a line of the general log begins that is no further line of a statement: the time where it is another than
// before, the connection's number, and what it is about.
var mariaDBEntry = regexp.MustCompile(`^(?:[0-9]{6} [ 0-9][0-9]:[0-9]{2}:[0-9]{2})?\t+ *[0-9]+ (Connect|Query|Prepare|Execute)\t(.*)`)

// countMariaDB takes a line. A refused login has a line of its own beside that of the attempt.
func (a *Activity) countMariaDB(line string) {
	entry := mariaDBEntry.FindStringSubmatch(line)
	switch {
	case entry == nil || strings.HasPrefix(entry[2], "Access denied"):
	case entry[1] == "Connect":
		a.Connections++
	default:
		a.Statements++
	}
}
