package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// seal chains the owner's rows in batches of the given size and returns how many batches it took.
func seal(t *testing.T, f *storetest.Fixture, owner hub.Owner, batch int) (batches int) {
	t.Helper()
	must(t, f.Store.WithLease(t.Context(), "audit:"+string(owner), "test", time.Minute, func(ctx context.Context, l hub.Lease) error {
		for {
			n, err := f.Store.SealAudit(ctx, owner, l, batch)
			if err != nil || n == 0 {
				return err
			}
			batches++
		}
	}))
	return batches
}

func addAudit(t *testing.T, f *storetest.Fixture, owner hub.Owner, n int) {
	t.Helper()
	for i := range n {
		f.Write(func(tx *store.Tx) error {
			return tx.Audit(t.Context(), hub.AuditRow{
				Owner: owner, Actor: tester, Action: "test.do", Subject: fmt.Sprint("subject ", i), Detail: map[string]string{"n": fmt.Sprint(i)},
			})
		})
		f.Forward(time.Millisecond)
	}
}

func TestChainGrowsInBatchesAndVerifies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		owner := f.NewTenant("alpha").ID.Owner()
		wantChain := func(chained, pending int64) {
			t.Helper()
			c, p, err := f.Store.VerifyAudit(ctx, owner)
			if err != nil || c != chained || p != pending {
				t.Errorf("%d chained, %d pending, %v; want %d and %d", c, p, err, chained, pending)
			}
		}
		wantChain(0, 0)
		addAudit(t, f, owner, 7)
		addAudit(t, f, hub.Operator, 1)
		wantChain(0, 7)
		f.Read(func(tx *store.Tx) error {
			owners, err := tx.AuditOwnersToSeal(ctx)
			if len(owners) != 2 {
				t.Errorf("owners to seal: %v", owners)
			}
			return err
		})
		if n := seal(t, f, owner, 3); n != 3 {
			t.Errorf("%d batches", n)
		}
		wantChain(7, 0)
		addAudit(t, f, owner, 2)
		wantChain(7, 2)
		f.Reopen()
		seal(t, f, owner, 100)
		wantChain(9, 0)
		f.Read(func(tx *store.Tx) error {
			toSeal, err := tx.AuditOwnersToSeal(ctx)
			all, err2 := tx.AuditOwners(ctx)
			if len(toSeal) != 1 || toSeal[0] != hub.Operator || len(all) != 2 {
				t.Errorf("owners to seal %v, all %v", toSeal, all)
			}
			return errors.Join(err, err2)
		})
		var out bytes.Buffer
		must(t, f.Store.ExportAudit(ctx, owner, &out))
		got, links, err := store.VerifyExport(&out)
		if got != owner || links != 9 || err != nil {
			t.Errorf("export of %s: %d links, %v", got, links, err)
		}
	})
}

// snapshot keeps the audit tables, so that each attempt at them starts from the same chain.
type snapshot map[string][][]any

var auditTables = map[string]string{
	"audit":      "owner, id, at, actor, action, subject, sealed, chained",
	"audit_link": "owner, number, row_id, digest, link",
	"audit_head": "owner, number, link, mac",
}

func takeSnapshot(t *testing.T, f *storetest.Fixture) snapshot {
	t.Helper()
	s := snapshot{}
	for table, columns := range auditTables {
		s[table] = query(t, f, `SELECT `+columns+` FROM `+table)
	}
	return s
}

func (s snapshot) restore(t *testing.T, f *storetest.Fixture) {
	t.Helper()
	for table, columns := range auditTables {
		tamper(t, f, `DELETE FROM `+table)
		marks := make([]string, strings.Count(columns, ",")+1)
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		for _, row := range s[table] {
			tamper(t, f, `INSERT INTO `+table+` (`+columns+`) VALUES (`+strings.Join(marks, ", ")+`)`, row...)
		}
	}
}

// forgery is one attempt at a chain of six rows, aimed at row i (from 1). number is the link that must be named; row says whether the
// row must be named, too. offline says that the attempt must also be seen in an export, without the root key.
type forgery struct {
	name    string
	do      func(x attempt)
	number  func(i int64) int64
	row     bool
	offline bool
}

type attempt struct {
	t     *testing.T
	f     *storetest.Fixture
	owner string
	ids   []string // of the rows, in the order of their links
	i     int64
}

func (x attempt) exec(query string, args ...any) {
	x.t.Helper()
	if n := tamper(x.t, x.f, query, args...); n == 0 {
		x.t.Fatalf("%s changes nothing", query)
	}
}

func (x attempt) row() string { return x.ids[x.i-1] }

func itself(i int64) int64 { return i }
func end(int64) int64      { return chainLength + 1 }

const chainLength = 6

// flipped returns bytes of the length of a digest that are no digest of anything here.
func flipped(n int) []byte { return bytes.Repeat([]byte{0xA5}, n) }

func rowUpdate(column, expression string, args ...any) func(x attempt) {
	return func(x attempt) {
		x.exec(fmt.Sprintf(`UPDATE audit SET %s = %s WHERE owner = $%d AND id = $%d`, column, expression, len(args)+1, len(args)+2),
			append(args, x.owner, x.row())...)
	}
}

func linkUpdate(column, expression string, args ...any) func(x attempt) {
	return func(x attempt) {
		x.exec(fmt.Sprintf(`UPDATE audit_link SET %s = %s WHERE owner = $%d AND number = $%d`, column, expression, len(args)+1, len(args)+2),
			append(args, x.owner, x.i)...)
	}
}

var forgeries = []forgery{
	{"the moment is changed", rowUpdate("at", "at + 1"), itself, true, true},
	{"the actor is changed", rowUpdate("actor", "'operator:other'"), itself, true, true},
	{"the action is changed", rowUpdate("action", "'test.undo'"), itself, true, true},
	{"the subject is changed", rowUpdate("subject", "subject || ' '"), itself, true, true},
	{"text moves from one column to the next", func(x attempt) {
		x.exec(`UPDATE audit SET actor = actor || action, action = '' WHERE owner = $1 AND id = $2`, x.owner, x.row())
	}, itself, true, true},
	{"the detail is changed", rowUpdate("sealed", "$1", flipped(40)), itself, true, true},
	{"the id is changed", rowUpdate("id", "'another'"), itself, true, true},
	{"the row is given to another owner", rowUpdate("owner", "'operator'"), itself, true, true},
	{"the row is marked as not chained", rowUpdate("chained", "0"), itself, true, true},
	{"the row is dropped", func(x attempt) { x.exec(`DELETE FROM audit WHERE owner = $1 AND id = $2`, x.owner, x.row()) }, itself, true, true},
	{"the link is changed", linkUpdate("link", "$1", flipped(32)), itself, true, true},
	{"the link's digest is changed", linkUpdate("digest", "$1", flipped(32)), itself, true, true},
	{"the link names no row", linkUpdate("row_id", "'nobody'"), itself, false, true},
	{"the link's number is changed", linkUpdate("number", "number + 1000"), itself, false, true},
	{"the link is given to another owner", linkUpdate("owner", "'operator'"), itself, false, true},
	{"the link is dropped", func(x attempt) {
		x.exec(`DELETE FROM audit_link WHERE owner = $1 AND number = $2`, x.owner, x.i)
	}, itself, false, true},
	{"row and link are dropped", func(x attempt) {
		x.exec(`DELETE FROM audit_link WHERE owner = $1 AND number = $2`, x.owner, x.i)
		x.exec(`DELETE FROM audit WHERE owner = $1 AND id = $2`, x.owner, x.row())
	}, itself, false, true},
	{"the row changes places with the next", func(x attempt) {
		next := x.i%chainLength + 1
		x.exec(`UPDATE audit_link SET row_id = 'swapping' WHERE owner = $1 AND number = $2`, x.owner, x.i)
		x.exec(`UPDATE audit_link SET row_id = $1 WHERE owner = $2 AND number = $3`, x.row(), x.owner, next)
		x.exec(`UPDATE audit_link SET row_id = $1 WHERE owner = $2 AND number = $3`, x.ids[next-1], x.owner, x.i)
	}, func(i int64) int64 { return min(i, i%chainLength+1) }, false, true},
	{"everything after it is cut off", func(x attempt) {
		tamper(x.t, x.f, `DELETE FROM audit WHERE owner = $1 AND id > $2`, x.owner, x.row())
		tamper(x.t, x.f, `DELETE FROM audit_link WHERE owner = $1 AND number > $2`, x.owner, x.i)
		if x.i == chainLength { // nothing comes after the last: it goes itself
			x.exec(`DELETE FROM audit WHERE owner = $1 AND id = $2`, x.owner, x.row())
			x.exec(`DELETE FROM audit_link WHERE owner = $1 AND number = $2`, x.owner, x.i)
		}
	}, func(i int64) int64 { return min(i+1, chainLength) }, false, true},
	{"everything after it is cut off and the head set back", func(x attempt) {
		if x.i == chainLength {
			x.i--
		}
		x.exec(`DELETE FROM audit WHERE owner = $1 AND id > $2`, x.owner, x.ids[x.i-1])
		x.exec(`DELETE FROM audit_link WHERE owner = $1 AND number > $2`, x.owner, x.i)
		x.exec(`UPDATE audit_head SET number = $1, link = (SELECT link FROM audit_link WHERE owner = $2 AND number = $3) WHERE owner = $4`,
			x.i, x.owner, x.i, x.owner)
	}, func(i int64) int64 { return min(i, chainLength-1) }, false, false},
	{"a foreign row is inserted as chained", insertForeign(1), end, false, true},
	{"a foreign row is linked to the end", func(x attempt) {
		insertForeign(1)(x)
		x.linkForeign(chainLength+1, x.link(chainLength))
	}, end, true, true},
	{"a foreign row is linked into the middle and all links are made anew", func(x attempt) {
		insertForeign(1)(x)
		x.relink(x.i)
	}, end, false, true},
	{"a foreign row replaces it and all links are made anew", func(x attempt) {
		x.exec(`UPDATE audit SET actor = 'operator:other' WHERE owner = $1 AND id = $2`, x.owner, x.row())
		x.relink(0)
	}, func(int64) int64 { return chainLength }, false, true},
	{"all links and the head are made anew", func(x attempt) {
		x.exec(`UPDATE audit SET actor = 'operator:other' WHERE owner = $1 AND id = $2`, x.owner, x.row())
		x.relink(0)
		x.exec(`UPDATE audit_head SET link = $1 WHERE owner = $2`, x.link(chainLength), x.owner)
	}, func(int64) int64 { return chainLength }, false, false},
	{"the head's number is changed", func(x attempt) {
		x.exec(`UPDATE audit_head SET number = number + $1 WHERE owner = $2`, x.i, x.owner)
	}, end, false, true},
	{"the head's link is changed", func(x attempt) {
		x.exec(`UPDATE audit_head SET link = $1 WHERE owner = $2`, flipped(32), x.owner)
	}, func(int64) int64 { return chainLength }, false, true},
	{"the head's seal is changed", func(x attempt) {
		x.exec(`UPDATE audit_head SET mac = $1 WHERE owner = $2`, flipped(32), x.owner)
	}, func(int64) int64 { return chainLength }, false, false},
	{"the head is dropped", func(x attempt) {
		x.exec(`DELETE FROM audit_head WHERE owner = $1`, x.owner)
	}, func(int64) int64 { return 1 }, false, true},
	{"the head is another owner's", func(x attempt) {
		x.exec(`UPDATE audit_head SET owner = 'operator' WHERE owner = $1`, x.owner)
	}, func(int64) int64 { return 1 }, false, true},
}

const foreign = "ffffffff-foreign"

func insertForeign(chained int64) func(x attempt) {
	return func(x attempt) {
		x.exec(`INSERT INTO audit (owner, id, at, actor, action, subject, sealed, chained) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			x.owner, foreign, int64(1), "operator:other", "test.do", "x", flipped(40), chained)
	}
}

func (x attempt) link(number int64) []byte {
	x.t.Helper()
	return query(x.t, x.f, `SELECT link FROM audit_link WHERE owner = $1 AND number = $2`, x.owner, number)[0][0].([]byte)
}

func (x attempt) digest(id string) []byte {
	x.t.Helper()
	r := query(x.t, x.f, `SELECT at, actor, action, subject, sealed FROM audit WHERE owner = $1 AND id = $2`, x.owner, id)[0]
	return store.StoredAuditRow{
		ID: id, At: r[0].(int64), Actor: r[1].(string), Action: r[2].(string), Subject: r[3].(string), Sealed: r[4].([]byte),
	}.Digest(hub.Owner(x.owner))
}

func (x attempt) linkForeign(number int64, before []byte) {
	d := x.digest(foreign)
	x.exec(`INSERT INTO audit_link (owner, number, row_id, digest, link) VALUES ($1, $2, $3, $4, $5)`,
		x.owner, number, foreign, d, store.NextLink(before, number, d))
}

// relink makes every link anew as one who knows the program but not the root key could, with the foreign row in place at (0: nowhere).
func (x attempt) relink(at int64) {
	ids := append([]string(nil), x.ids...)
	if at > 0 {
		ids = append(append(append([]string(nil), ids[:at-1]...), foreign), ids[at-1:]...)
	}
	x.exec(`DELETE FROM audit_link WHERE owner = $1`, x.owner)
	link := make([]byte, 32)
	for i, id := range ids {
		d := x.digest(id)
		link = store.NextLink(link, int64(i+1), d)
		x.exec(`INSERT INTO audit_link (owner, number, row_id, digest, link) VALUES ($1, $2, $3, $4, $5)`, x.owner, int64(i+1), id, d, link)
	}
}

func TestEveryForgeryIsNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		owner := f.NewTenant("alpha").ID.Owner()
		addAudit(t, f, owner, chainLength)
		seal(t, f, owner, 2)
		var ids []string
		for _, row := range query(t, f, `SELECT row_id FROM audit_link WHERE owner = $1 ORDER BY number`, string(owner)) {
			ids = append(ids, row[0].(string))
		}
		if len(ids) != chainLength {
			t.Fatalf("%d links", len(ids))
		}
		whole := takeSnapshot(t, f)
		for _, forged := range forgeries {
			for i := int64(1); i <= chainLength; i++ {
				t.Run(fmt.Sprint(forged.name, " ", i), func(t *testing.T) {
					defer whole.restore(t, f)
					forged.do(attempt{t, f, string(owner), ids, i})
					wantRow := ""
					if forged.row {
						wantRow = ids[i-1]
						if strings.HasPrefix(forged.name, "a foreign row") {
							wantRow = "" // nothing fits the head: only the place is known
						}
					}
					_, _, err := f.Store.VerifyAudit(t.Context(), owner)
					wantFault(t, "database", err, forged.number(i), wantRow)
					if forged.offline {
						var out bytes.Buffer
						must(t, f.Store.ExportAudit(t.Context(), owner, &out))
						_, _, err := store.VerifyExport(&out)
						wantFault(t, "export", err, forged.number(i), wantRow)
					}
				})
			}
		}
		if _, _, err := f.Store.VerifyAudit(t.Context(), owner); err != nil {
			t.Errorf("the chain itself: %v", err)
		}
	})
}

func wantFault(t *testing.T, where string, err error, number int64, row string) {
	t.Helper()
	fault, ok := errors.AsType[*store.AuditFault](err)
	if !ok {
		t.Errorf("%s: error %v, want a fault", where, err)
		return
	}
	if fault.Number != number || row != "" && fault.RowID != row {
		t.Errorf("%s: %v, want link %d, row %q", where, fault, number, row)
	}
}

func TestBrokenExportIsNotAnExport(t *testing.T) {
	f := storetest.SQLite(t)
	addAudit(t, f, hub.Operator, 3)
	seal(t, f, hub.Operator, 10)
	var out bytes.Buffer
	must(t, f.Store.ExportAudit(t.Context(), hub.Operator, &out))
	lines := strings.SplitAfter(out.String(), "\n")[:4]
	for _, row := range []struct{ name, text string }{
		{"empty", ""}, {"no JSON", "hello"}, {"without its head", strings.Join(lines[1:], "")},
		{"with a second head", lines[0] + lines[1] + lines[0] + lines[2]}, {"cut in a line", out.String()[:out.Len()-10]},
		{"cut at a line", strings.Join(lines[:3], "")}, {"a line twice", lines[0] + lines[1] + lines[1] + lines[2] + lines[3]},
		{"two lines changed places", lines[0] + lines[2] + lines[1] + lines[3]}, {"an empty line of another kind", lines[0] + "{}\n"},
		{"a line under another row's name", lines[0] + strings.Replace(lines[1], `"rowId":"`, `"rowId":"0`, 1) + lines[2] + lines[3]},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, _, err := store.VerifyExport(strings.NewReader(row.text)); err == nil {
				t.Error("it verifies")
			}
		})
	}
	if _, links, err := store.VerifyExport(strings.NewReader(strings.Join(lines, ""))); links != 3 || err != nil {
		t.Errorf("the export itself: %d, %v", links, err)
	}
}

// A chain that was sealed under another root key is not ours.
func TestHeadOfAnotherInstallationIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		addAudit(t, f, hub.Operator, 1)
		seal(t, f, hub.Operator, 10)
		_, _, err := f.Store.VerifyAudit(t.Context(), hub.Operator)
		must(t, err)
		tamper(t, f, `UPDATE audit_head SET mac = $1`, flipped(32))
		_, _, err = f.Store.VerifyAudit(t.Context(), hub.Operator)
		wantFault(t, "database", err, 1, "")
	})
}

// Sealers on several nodes overtake one another all the time here: leases end at once. The chain must stay one chain, with every row
// in it once.
func TestConcurrentSealersDoNotForkTheChain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		owner := f.NewTenant("alpha").ID.Owner()
		const writers, rows = 3, 20
		var writing, sealing sync.WaitGroup
		for range writers {
			writing.Go(func() {
				for range rows {
					err := f.Store.Write(ctx, func(tx *store.Tx) error {
						return tx.Audit(ctx, hub.AuditRow{Owner: owner, Actor: tester, Action: "test.do", Subject: "x"})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		stop := make(chan struct{})
		for n := range 3 {
			sealing.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					f.Forward(time.Second)
					l, held, err := f.Store.Acquire(ctx, "audit", fmt.Sprint("node ", n), time.Millisecond)
					if err != nil {
						t.Error(err)
						return
					}
					if !held {
						continue
					}
					if _, err := f.Store.SealAudit(ctx, owner, l, 3); err != nil && hub.CodeOf(err) != hub.CodeConflict {
						t.Errorf("seal: %v", err)
						return
					}
				}
			})
		}
		writing.Wait()
		close(stop)
		sealing.Wait()
		seal(t, f, owner, 7)
		chained, pending, err := f.Store.VerifyAudit(ctx, owner)
		if chained != writers*rows || pending != 0 || err != nil {
			t.Errorf("%d chained, %d pending, %v", chained, pending, err)
		}
	})
}

func TestOvertakenSealerChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		addAudit(t, f, hub.Operator, 2)
		old := f.Lease("audit", "one", time.Second)
		f.Forward(2 * time.Second)
		f.Lease("audit", "two", time.Second)
		_, err := f.Store.SealAudit(t.Context(), hub.Operator, old, 10)
		wantCode(t, err, hub.CodeConflict)
		if chained, pending, err := f.Store.VerifyAudit(t.Context(), hub.Operator); chained != 0 || pending != 2 || err != nil {
			t.Errorf("%d chained, %d pending, %v", chained, pending, err)
		}
	})
}
