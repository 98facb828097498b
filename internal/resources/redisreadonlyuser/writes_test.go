// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// allowed gives an attempt that works once rules are added to the user's.
func allowed(command, rules, says, checkSays string) acctest.Attempt {
	return acctest.Attempt{
		Name: command, Statements: []string{command}, Allow: []string{"ACL SETUSER attempts " + rules},
		Says: says, CheckSays: checkSays,
	}
}

// keyed is allowed for a command on a key that the user can read, and may now write.
func keyed(command string) acctest.Attempt {
	name := strings.Fields(command)[0]
	return allowed(command, "+"+strings.ToLower(name)+" ~*", "commands: +"+strings.ToLower(name), name)
}

// refused gives an attempt for the clean server alone.
func refused(command string) acctest.Attempt {
	return acctest.Attempt{Name: command, Statements: []string{command}}
}

func free(command, why string) acctest.Attempt {
	return acctest.Attempt{Name: command, Statements: []string{command}, Free: why}
}

// TestAccUserWritesByNoKnownWay logs in as the user and tries.
func TestAccUserWritesByNoKnownWay(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	const password = "attempts-of-a-reader"
	exec := func(commands ...string) {
		for _, command := range commands {
			require.NoError(t, r.TryAs(r.Admin, r.AdminPassword, words(command)...), command)
		}
	}
	exec("SET app:text 5", "RPUSH app:list a b c", "SADD app:set a b c", "HSET app:hash f 1", "ZADD app:scores 1 a", "XADD app:stream 1-1 f v",
		"SET other:secret 1", "FUNCTION LOAD "+library)
	// What a row added goes, whatever it was.
	reset := "ACL SETUSER attempts reset on >" + password + " %R~app:* &news.* +@read +@connection -@dangerous +subscribe"
	attempts := []acctest.Attempt{
		keyed("SET app:text 6"), keyed("GETEX app:text EX 1000"), keyed("SORT app:list ALPHA STORE app:sorted"), keyed("SINTERSTORE app:both app:set app:set"),
		keyed("BITFIELD app:text SET u8 0 1"), keyed("SPOP app:set"), keyed("XREADGROUP GROUP g c STREAMS app:stream >"), keyed("GEORADIUS app:scores 0 0 1 m STORE app:near"),
		keyed("ZRANGESTORE app:some app:scores 0 -1"), keyed("BLPOP app:list 1"), keyed("XACK app:stream g 1-1"), keyed("PSETEX app:text 1000 5"),
		keyed("GETDEL app:text"),
		// No form of these does nothing.
		keyed("SETNX app:new 1"), keyed("INCR app:count"), keyed("DECR app:count"), keyed("APPEND app:new 1"), keyed("GETSET app:new 1"), keyed("HSETNX app:hash g 1"),
		keyed("LPUSH app:list d"), keyed("RPUSH app:list d"), keyed("SADD app:set d"), keyed("PFADD app:seen d"), keyed("PFMERGE app:seen app:seen"),
		{
			Name: "INCR of some keys", Statements: []string{"INCR app:count"}, Allow: []string{"ACL SETUSER attempts +incr ~app:*"},
			Says: "commands: +incr", CheckUntold: true,
		},
		{
			Name: "MULTI tells", Statements: []string{"SADD app:set e"}, Allow: []string{"ACL SETUSER attempts +multi +discard +sadd ~*"},
			Says: "commands: +sadd", CheckSays: "SADD",
		},
		allowed("EVAL return(redis.call('set','app:text',7)) 0", "+eval +set ~*", "commands: +set", "SET"),
		allowed("EVAL_RO return(redis.call('incr','app:count')) 0", "+eval_ro", "", ""),
		allowed("FCALL bump 1 app:count", "+fcall +incr ~*", "commands: +incr", "INCR"),
		{
			Name: "SET by a selector", Statements: []string{"SET sel:one 1"}, Allow: []string{"ACL SETUSER attempts (+set␣~sel:*)"},
			Says: "1 selectors of its own", CheckUntold: true,
		},
		allowed("PUBLISH news.one x", "+publish allchannels", "commands: +publish", "PUBLISH"),
		allowed("SPUBLISH news.one x", "+spublish allchannels", "commands: +spublish", "SPUBLISH"),
		allowed("MIGRATE 127.0.0.1 1 app:none 0 100", "+migrate ~*", "commands: +migrate", "MIGRATE"),
		allowed("FLUSHDB SYNC", "+flushdb", "commands: +flushdb", "FLUSHDB"),
		allowed("SWAPDB 1 2", "+swapdb", "commands: +swapdb", "SWAPDB"),
		allowed("CONFIG SET maxmemory-samples 5", "+config|set", "commands: +config|set", "CONFIG SET"),
		allowed("ACL SETUSER taken on", "+acl|setuser", "commands: +acl|setuser", "ACL SETUSER"),
		allowed("FUNCTION LOAD REPLACE "+library, "+function|load", "commands: +function|load", "FUNCTION LOAD"),
		allowed("CLIENT PAUSE 1", "+client|pause", "commands: +client|pause", "CLIENT PAUSE"),
		allowed("CLIENT KILL ID 9999999", "+@connection", "commands: +client|kill", "CLIENT KILL"),
		allowed("SCRIPT FLUSH", "+script|flush", "commands: +script|flush", "SCRIPT FLUSH"),
		refused("RESTORE app:new 0 x"), refused("XGROUP CREATE app:stream g $"), refused("OBJECT FREQ other:secret"), refused("GET other:secret"),
		refused("SUBSCRIBE other"), refused("ACL GETUSER attempts"), refused("ACL DRYRUN attempts GET app:text"), refused("CONFIG GET dir"),
		refused("SHUTDOWN NOSAVE"), refused("REPLICAOF NO ONE"), refused("SAVE"), refused("MODULE LIST"), refused("MONITOR"), refused("KEYS *"), refused("SORT_RO app:list"),
		refused("MULTI"), refused("EVAL return(1) 0"), refused("FCALL_RO bump 1 app:count"), refused("SCRIPT LOAD return(1)"),
		refused("COPY app:text app:other DB 1"), refused("MOVE app:text 1"), refused("RENAME app:text app:other"), refused("CLIENT LIST"),
		free("OBJECT ENCODING app:text", "it reads"),
		free("SCAN 0", "the names of all keys show, but not what they hold: the page says so"), free("RANDOMKEY", "as SCAN"), free("DBSIZE", "as SCAN"),
		free("SELECT 1", "patterns count in every database: the page says so"), free("WAIT 0 1", "it waits"), free("CLIENT SETNAME x", "it is the connection's own"),
		free("TOUCH app:text", "it tells the server that the key was used"),
	}
	for i := range attempts {
		attempts[i].Forbid = []string{
			reset, "DEL app:new app:count app:seen app:some app:sorted app:near app:both sel:one app:text app:list app:set app:hash app:scores app:stream", "SET app:text 5", "RPUSH app:list a b c",
			"SADD app:set a b c", "HSET app:hash f 1", "ZADD app:scores 1 a", "XADD app:stream 1-1 f v", "XGROUP CREATE app:stream g 0", "ACL DELUSER taken",
		}
	}
	exec("XGROUP CREATE app:stream g 0")
	acctest.Attempts{
		Resource: r.ServerHCL() + user(`
  name                = "attempts"
  key_patterns        = ["app:*"]
  channel_patterns    = ["news.*"]
  commands            = ["+@read", "+@connection", "-@dangerous", "+subscribe"]
  password_wo         = "`+password+`"
  password_wo_version = 1`),
		Address: address,
		Check: fmt.Sprintf("connector = \"redis\"\n  connection_string = \"rediss://attempts:{{ env.ATTEMPTS_PW }}@localhost:%d/0?skip_verify=true\"",
			r.Port),
		Environment: []string{"ATTEMPTS_PW=" + password},
		Try: func(commands ...string) error {
			for _, command := range commands {
				if err := r.TryAs("attempts", secret.New(password), words(command)...); err != nil && !errors.Is(err, redis.Nil) {
					return err
				}
			}
			return nil
		},
		Exec:    exec,
		Refused: "NOPERM",
	}.Run(t, attempts)
}

// library is one word: it has ␣ and ␤ for spaces and the end of a line.
const library = "#!lua␣name=attempts␤redis.register_function('bump',function(keys)␣return␣redis.call('incr',keys[1])␣end)"

// words splits a command.
func words(command string) []any {
	found := []any{}
	for _, word := range strings.Fields(command) {
		found = append(found, strings.NewReplacer("␣", " ", "␤", "\n").Replace(word))
	}
	return found
}

// TestAccUserMayRunNoCommandThatWrites asks the server about every command that it counts among those that write or administer.
func TestAccUserMayRunNoCommandThatWrites(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	k := acctest.NewWorkspace(t, r.ServerHCL()+user("name = \"dry\"\nkey_patterns = [\"*\"]\nchannel_patterns = [\"*\"]"))
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	count := 0
	for _, category := range []string{"write", "admin", "scripting"} {
		commands, err := r.Texts("ACL", "CAT", category)
		require.NoError(t, err)
		for _, command := range commands {
			dryRun := []any{"ACL", "DRYRUN", "dry"}
			for _, word := range strings.Split(command, "|") {
				dryRun = append(dryRun, word)
			}
			arity := 0
			for ; arity < 8; arity++ {
				// The number of arguments comes first: the server says what is too few or too many.
				err = r.TryAs(r.Admin, r.AdminPassword, dryRun...)
				if err == nil || !strings.Contains(err.Error(), "wrong number of arguments") {
					break
				}
				dryRun = append(dryRun, "1")
			}
			require.Less(t, arity, 8, command)
			answer, err := r.Text(dryRun...)
			require.NoError(t, err, command)
			require.Contains(t, answer, "no permissions to run the '"+command+"' command", command)
			count++
		}
	}
	require.Greater(t, count, 100)
}
