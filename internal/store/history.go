package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/internal/hub"
)

// printSize is how much of a fingerprint is kept: 128 bits do not meet by chance, and there may be millions.
const printSize = 16

// Print is the keyed fingerprint of something in a payment file that later files are compared with. Equal values of one kind and tenant
// have equal prints; nobody can read one back, and without the tenant's key nobody can make one.
type Print [printSize]byte

// historyBatch is how many prints are written, and later deleted, by one transaction: nobody else waits longer for it than for a page of
// payments.
const historyBatch = 1024

// history is what a staging keeps for later files. It is staged with the payments and counts once the file is visible and not rejected.
type history struct {
	waiting []historyRow
	count   map[hub.HistoryKind]int  // prints taken, in the database or waiting
	noted   map[hub.HistoryKind]bool // kinds that have prints in the database
}

type historyRow struct {
	kind   hub.HistoryKind
	number int
	print  Print
}

// Print makes the print of a value under the owner's key. The caller has normalised it.
func (st *Staging) Print(kind hub.HistoryKind, value []byte) (p Print) {
	copy(p[:], st.keys.Fingerprint("history "+string(kind), value))
	return p
}

// Remember keeps a print for later files; PublishHistory makes it count. Prints become durable in batches.
func (st *Staging) Remember(ctx context.Context, kind hub.HistoryKind, p Print) error {
	h := &st.history
	if h.count == nil {
		h.count, h.noted = map[hub.HistoryKind]int{}, map[hub.HistoryKind]bool{}
	}
	h.waiting = append(h.waiting, historyRow{kind, h.count[kind] / historyBatch, p})
	h.count[kind]++
	if len(h.waiting) < historyBatch {
		return nil
	}
	return st.flush(ctx)
}

// PublishHistory has what was remembered count, within the transaction that publishes the file. It may run more than once.
func (st *Staging) PublishHistory(ctx context.Context, tx *Tx) error {
	for _, kind := range hub.HistoryKinds() {
		if !st.history.noted[kind] {
			continue
		}
		n, err := tx.exec(ctx, `UPDATE history_file SET staged = 0 WHERE tenant_id = $1 AND kind = $2 AND file_id = $3 AND staged = 1`,
			string(st.owner), string(kind), st.id)
		if err := oneRow(n, err, hub.CodeConflict, "the staged history is gone"); err != nil {
			return err
		}
	}
	return st.history.insert(ctx, tx, st, 0)
}

// insert writes what waits. staged is 1 for what does not count yet, else 0.
func (h *history) insert(ctx context.Context, tx *Tx, st *Staging, staged int64) error {
	for _, kind := range h.fresh() {
		err := tx.insert(ctx, "history_file", []string{"tenant_id", "kind", "file_id", "staged", "at"},
			string(st.owner), string(kind), st.id, staged, micros(tx.Now()))
		if err != nil {
			return err
		}
	}
	rows := make([][]any, len(h.waiting))
	for i, r := range h.waiting {
		rows[i] = []any{string(st.owner), r.print[:], st.id, string(r.kind), int64(r.number)}
	}
	if err := tx.c.bulk(ctx, "history_print", []string{"tenant_id", "fingerprint", "file_id", "kind", "number"}, rows); err != nil {
		return fmt.Errorf("keep history: %w", err)
	}
	return nil
}

// fresh lists the kinds of what waits that have nothing in the database yet.
func (h *history) fresh() (kinds []hub.HistoryKind) {
	for _, r := range h.waiting {
		if !h.noted[r.kind] && !slices.Contains(kinds, r.kind) {
			kinds = append(kinds, r.kind)
		}
	}
	return kinds
}

// written forgets what has been committed.
func (h *history) written() {
	for _, kind := range h.fresh() {
		h.noted[kind] = true
	}
	h.waiting = h.waiting[:0]
}

// DropHistory removes what was staged of a history that does not count: the file is visible and rejected. It is best effort: what it
// leaves, SweepHistory finds.
func (st *Staging) DropHistory(ctx context.Context) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	st.dropHistory(ctx)
}

func (st *Staging) dropHistory(ctx context.Context) {
	for kind := range st.history.noted {
		if _, err := st.s.forgetFile(ctx, hub.TenantID(st.owner), kind, hub.FileID(st.id)); err != nil {
			return
		}
	}
	st.history = history{}
}

// historyPage is how many prints one look-up asks for. On SQLite it is always so many, so that the statement stays prepared.
const historyPage = hub.PageSize

// refused are the states of files that were not executed; being none of them is what makes a visible file's prints count.
const refused = `('rejected', 'failed', 'cancelled_at_bank', 'rejected_by_bank')`

// earlierOnSQLite takes the prints, the tenant and the moment. The plus keeps it to the index of the prints: without statistics it would take
// that of the tenant's files.
var earlierOnSQLite = func() string {
	var b strings.Builder
	b.WriteString(`WITH seen AS MATERIALIZED (SELECT tenant_id, fingerprint, file_id FROM history_print WHERE fingerprint IN (`)
	for i := range historyPage {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteString(`) AND +tenant_id = $` + strconv.Itoa(historyPage+1) + `)
		SELECT seen.fingerprint, MAX(seen.file_id) FROM seen JOIN payment_file f ON f.tenant_id = seen.tenant_id AND f.id = seen.file_id
		WHERE f.created >= $` + strconv.Itoa(historyPage+2) + ` AND f.state NOT IN ` + refused + ` GROUP BY seen.fingerprint`)
	return b.String()
}()

// earlierOnPostgres takes the tenant, the moment and the prints. A planner that knows nothing about new tables would read them whole for so
// many prints, hence a look-up for each; and it must begin with the print, not with the tenant or the file, whose prints are many, hence the
// empty texts.
const earlierOnPostgres = `SELECT asked.fingerprint, COALESCE((SELECT MAX(f.id) FROM history_print h
	JOIN payment_file f ON f.tenant_id = h.tenant_id AND f.id = h.file_id || ''
	WHERE h.tenant_id || '' = $1 AND h.fingerprint = asked.fingerprint AND f.created >= $2 AND f.state NOT IN ` + refused + `), '')
	FROM UNNEST($3::bytea[]) AS asked(fingerprint)`

// EarlierFiles looks up to a page of prints up and returns, for those that are known, the last file that had them: one that is visible since
// the given moment and that was neither rejected, nor cancelled, nor has failed.
func (tx *Tx) EarlierFiles(ctx context.Context, tenant hub.TenantID, prints []Print, since time.Time) (map[Print]hub.FileID, error) {
	if len(prints) == 0 {
		return nil, nil
	}
	if len(prints) > historyPage {
		return nil, fmt.Errorf("look %d prints up: at most %d at once", len(prints), historyPage)
	}
	query, args := earlierOnPostgres, []any{string(tenant), micros(since), nil}
	if tx.s.engine == SQLite {
		query, args = earlierOnSQLite, make([]any, 0, historyPage+2)
		for i := range historyPage {
			args = append(args, prints[min(i, len(prints)-1)][:]) // the last one again and again
		}
		args = append(args, string(tenant), micros(since))
	} else {
		list := make([][]byte, len(prints))
		for i := range prints {
			list[i] = prints[i][:]
		}
		args[2] = list
	}
	out := map[Print]hub.FileID{}
	err := tx.each(ctx, query, args, func(r rows) error {
		var fp []byte
		var file hub.FileID
		if err := r.Scan(&fp, &file); err != nil {
			return err
		}
		if file != "" {
			out[Print(fp)] = file
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look earlier payments up: %w", err)
	}
	return out, nil
}
