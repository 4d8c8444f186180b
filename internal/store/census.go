package store

import (
	"context"
	"time"

	"kontor/internal/hub"
)

// Census is what an operator watches of the whole installation: numbers and moments, nothing of a tenant.
type Census struct {
	Files           map[hub.State]int64
	OldestFile      map[hub.State]time.Time // of the states in which a file waits for the hub: since when the oldest is in it
	Unsealed        int64                   // audit rows that are not chained yet
	OldestUnsealed  time.Time               // zero if there are none
	Leases          map[string]int64        // running leases by kind of resource: file, contact, download, audit
	Postponed       map[Postponement]int64  // work that waits for its next try after a failure
	DownloadsStored int64                   // deliveries of banks that wait to be split
	Quarantined     int64                   // parts that belong to nobody known
	Polls           []hub.Poll
}

// Postponement is a kind of resource and the code of the failure.
type Postponement struct{ Kind, Code string }

// Census counts. Its cost grows with the number of payment files: call it seldom and with a deadline.
func (tx *Tx) Census(ctx context.Context) (Census, error) {
	c := Census{OldestFile: map[hub.State]time.Time{}, Leases: map[string]int64{}, Postponed: map[Postponement]int64{}}
	for _, count := range []func(context.Context, *Census) error{tx.countFiles, tx.countUnsealed, tx.countLeases, tx.countPostponed, tx.countDeliveries} {
		if err := count(ctx, &c); err != nil {
			return c, err
		}
	}
	var err error
	c.Polls, err = tx.Polls(ctx, "")
	return c, err
}

// CountFiles counts payment files by state, of one tenant or of all ("").
func (tx *Tx) CountFiles(ctx context.Context, tenant hub.TenantID) (map[hub.State]int64, error) {
	query, args := `SELECT state, COUNT(*) FROM payment_file GROUP BY state`, []any(nil)
	if tenant != "" {
		query, args = `SELECT state, COUNT(*) FROM payment_file WHERE tenant_id = $1 GROUP BY state`, []any{string(tenant)}
	}
	out := map[hub.State]int64{}
	err := tx.each(ctx, query, args, func(r rows) error {
		var state string
		var n int64
		if err := r.Scan(&state, &n); err != nil {
			return err
		}
		out[hub.State(state)] = n
		return nil
	})
	return out, err
}

func (tx *Tx) countFiles(ctx context.Context, c *Census) (err error) {
	if c.Files, err = tx.CountFiles(ctx, ""); err != nil {
		return err
	}
	for _, s := range []hub.State{hub.StateQueued, hub.StateSending, hub.StateUnclear} {
		var oldest int64
		if _, err := tx.one(ctx, `SELECT COALESCE(MIN(updated), 0) FROM payment_file WHERE state = $1`, []any{string(s)}, &oldest); err != nil {
			return err
		}
		if oldest != 0 {
			c.OldestFile[s] = instant(oldest)
		}
	}
	return nil
}

func (tx *Tx) countUnsealed(ctx context.Context, c *Census) error {
	var oldest int64
	_, err := tx.one(ctx, `SELECT COUNT(*), COALESCE(MIN(at), 0) FROM audit WHERE chained = 0`, nil, &c.Unsealed, &oldest)
	c.OldestUnsealed = instant(oldest)
	return err
}

func (tx *Tx) countLeases(ctx context.Context, c *Census) error {
	all, err := tx.Leases(ctx)
	for _, l := range all {
		c.Leases[leaseKind(l.Resource)]++
	}
	return err
}

func (tx *Tx) countPostponed(ctx context.Context, c *Census) error {
	all, err := tx.Postponed(ctx)
	for resource, b := range all {
		c.Postponed[Postponement{leaseKind(resource), b.Code}]++
	}
	return err
}

func (tx *Tx) countDeliveries(ctx context.Context, c *Census) error {
	if _, err := tx.one(ctx, `SELECT COUNT(*) FROM download WHERE state = 'stored'`, nil, &c.DownloadsStored); err != nil {
		return err
	}
	_, err := tx.one(ctx, `SELECT COUNT(*) FROM quarantine`, nil, &c.Quarantined)
	return err
}

// Leases lists the running leases, soonest end first.
func (tx *Tx) Leases(ctx context.Context) ([]hub.Lease, error) {
	now, err := tx.leaseNow(ctx)
	if err != nil {
		return nil, err
	}
	var out []hub.Lease
	err = tx.each(ctx, `SELECT resource, holder, until, fence FROM lease WHERE until >= $1 AND until <= $2 ORDER BY until`,
		[]any{micros(now), micros(now.Add(leaseAhead))}, func(r rows) error {
			var l hub.Lease
			var until int64
			if err := r.Scan(&l.Resource, &l.Holder, &until, &l.Fence); err != nil {
				return err
			}
			l.Until = instant(until)
			out = append(out, l)
			return nil
		})
	return out, err
}

// BreakLease takes a lease that was not given back from its holder, whether it has run out or not: what the holder still wants to write is refused by its fence.
// Overtake is for flows; this is for a person who knows that the holder is dead, or wants it to lose. CodeNotFound if no lease runs.
func (tx *Tx) BreakLease(ctx context.Context, resource string) error {
	n, err := tx.exec(ctx, `UPDATE lease SET holder = 'overtaken', until = 0, fence = fence + 1 WHERE resource = $1 AND until > 0`, resource)
	return oneRow(n, err, hub.CodeNotFound, "nobody holds the lease of "+resource)
}

// FileLine is a payment file as an operator sees it: nothing of what is sealed.
type FileLine struct {
	Tenant    hub.TenantID
	File      hub.FileID
	Contact   hub.ContactID
	State     hub.State
	Format    string
	OrderType string
	Count     int64
	Created   time.Time
	Updated   time.Time // when it came into its state
	Failures  int64     // of work on it, since it last went well
	Next      time.Time // next try after a failure; zero if nothing failed
	Code      string    // of the last failure
}

// FileLines lists payment files, longest in their state first: of one tenant or of all (""), in one state or in all ("").
func (tx *Tx) FileLines(ctx context.Context, tenant hub.TenantID, state hub.State, limit int) ([]FileLine, error) {
	var out []FileLine
	err := tx.each(ctx, `SELECT f.tenant_id, f.id, f.contact_id, f.state, f.format, f.order_type, f.count, f.created, f.updated,
			COALESCE(b.failures, 0), COALESCE(b.next_at, 0), COALESCE(b.code, '')
		FROM payment_file f LEFT JOIN backoff b ON b.resource = 'file:' || f.tenant_id || '/' || f.id
		WHERE ($1 = '' OR f.tenant_id = $2) AND ($3 = '' OR f.state = $4) ORDER BY f.updated, f.id LIMIT $5`,
		[]any{string(tenant), string(tenant), string(state), string(state), int64(limit)}, func(r rows) error {
			var l FileLine
			var created, updated, next int64
			if err := r.Scan(&l.Tenant, &l.File, &l.Contact, &l.State, &l.Format, &l.OrderType, &l.Count, &created, &updated, &l.Failures, &next, &l.Code); err != nil {
				return err
			}
			l.Created, l.Updated, l.Next = instant(created), instant(updated), instant(next)
			out = append(out, l)
			return nil
		})
	return out, err
}
