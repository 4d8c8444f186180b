package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
)

// Overview is what an operator wants to know first.
type Overview struct {
	Engine   store.Engine
	Census   store.Census
	Jobs     []JobCount
	Nodes    []string // that hold a lease at this moment; an idle one holds none
	Trouble  []Trouble
	Contacts []hub.Contact
}

// Trouble is work that failed and waits for its next try.
type Trouble struct {
	Resource string // contact:ID (polls), bank:CONTACT (uploads), file:TENANT/ID or download:ID
	Failures int
	Code     string
	Next     time.Time
}

// JobCount is how many jobs of a kind wait or run.
type JobCount = job.Count

// Overview looks at everything once.
func (h *Hub) Overview(ctx context.Context) (Overview, error) {
	o := Overview{Engine: h.Store.Engine()}
	jobs, err := h.Jobs(ctx)
	if err != nil {
		return o, err
	}
	o.Jobs = jobs
	err = h.Store.Read(ctx, func(tx *store.Tx) error {
		if o.Census, err = tx.Census(ctx); err != nil {
			return err
		}
		if o.Contacts, err = tx.Contacts(ctx); err != nil {
			return err
		}
		leases, err := tx.Leases(ctx)
		if err != nil {
			return err
		}
		for _, l := range leases {
			node, _, _ := strings.Cut(l.Holder, "/")
			o.Nodes = append(o.Nodes, node)
		}
		slices.Sort(o.Nodes)
		o.Nodes = slices.Compact(o.Nodes)
		postponed, err := tx.Postponed(ctx)
		for resource, b := range postponed {
			o.Trouble = append(o.Trouble, Trouble{resource, b.Failures, b.Code, b.Next})
		}
		slices.SortFunc(o.Trouble, func(a, b Trouble) int { return cmp.Compare(a.Resource, b.Resource) })
		return err
	})
	return o, err
}

// Jobs counts what waits for a worker or is being worked on.
func (h *Hub) Jobs(ctx context.Context) ([]JobCount, error) {
	jobs, err := job.New(h.Store, nil, 0)
	if err != nil {
		return nil, err
	}
	return jobs.Counts(ctx)
}

// FileLine is a payment file as an operator sees it.
type FileLine = store.FileLine

// FileLines lists payment files, longest in their state first, of one tenant or of all (""), in one state or in all ("").
func (h *Hub) FileLines(ctx context.Context, tenant hub.TenantID, state hub.State, limit int) ([]FileLine, error) {
	return read(ctx, h, func(tx *store.Tx) ([]FileLine, error) { return tx.FileLines(ctx, tenant, state, limit) })
}

// TenantFiles counts a tenant's payment files by state.
func (h *Hub) TenantFiles(ctx context.Context, tenant hub.TenantID) (map[hub.State]int64, error) {
	return read(ctx, h, func(tx *store.Tx) (map[hub.State]int64, error) { return tx.CountFiles(ctx, tenant) })
}

// RetryFile has work on a file, and sending through its contact, tried at once instead of at the end of its wait. Only for files that the
// hub has work with; CodeConflict otherwise.
func (h *Hub) RetryFile(ctx context.Context, by hub.Actor, tenant hub.TenantID, file hub.FileID) error {
	return h.Store.Write(ctx, func(tx *store.Tx) error {
		f, err := tx.File(ctx, tenant, file)
		if err != nil {
			return err
		}
		if f.State != hub.StateQueued && f.State != hub.StateSending && f.State != hub.StateUnclear {
			return hub.Errorf(hub.CodeConflict, "a file that is %s waits for nothing of ours", f.State)
		}
		for _, resource := range []string{store.FileResource(tenant, file), store.BankResource(f.Contact)} {
			if err := tx.ClearBackoff(ctx, resource); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, hub.AuditRow{
			Owner: tenant.Owner(), Actor: by, Action: "payment_file.hasten", Subject: string(file), Detail: map[string]string{"state": string(f.State)},
		})
	})
}

// Leases lists the leases that run.
func (h *Hub) Leases(ctx context.Context) ([]hub.Lease, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Lease, error) { return tx.Leases(ctx) })
}

// BreakLease takes a lease from its holder, who can write nothing more under it. The work is taken up by another within seconds, or by the
// same node anew.
func (h *Hub) BreakLease(ctx context.Context, by hub.Actor, resource, reason string) error {
	if len(reason) < 10 || len(reason) > 4000 {
		return hub.Errorf(hub.CodeInvalid, "the reason has 10 to 4000 bytes: why does its holder not give it back?")
	}
	return h.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.BreakLease(ctx, resource); err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{
			Owner: hub.Operator, Actor: by, Action: "lease.break", Subject: resource, Detail: map[string]string{"reason": reason},
		})
	})
}
