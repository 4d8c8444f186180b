package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
)

const (
	censusLimit = 3 * time.Second // a scrape must not wait longer for the database
	censusKept  = 5 * time.Second // scrapes within this time see the same numbers
	censusShare = 20              // and within this many times of what counting took: a big database is counted less often
)

// censusMetrics describe what is counted in the database, the same on every node.
type censusMetrics struct {
	files, oldestFile, unsealed, oldestUnsealed, leases, postponed, downloads, quarantined, jobs, pollAge, success, took *prometheus.Desc
}

func newCensusMetrics(m *metrics) censusMetrics {
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		m.describe("gauge", name, help, labels)
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return censusMetrics{
		files: gauge("kontor_payment_files", "Payment files by state.", "state"),
		oldestFile: gauge("kontor_payment_file_oldest_seconds",
			"For how long the oldest payment file has been in a state in which it waits for the hub; 0 if there is none.", "state"),
		unsealed:       gauge("kontor_audit_unsealed_rows", "Audit rows that are not chained yet."),
		oldestUnsealed: gauge("kontor_audit_unsealed_oldest_seconds", "Age of the oldest of them; 0 if there is none."),
		leases:         gauge("kontor_leases", "Leases that run, by kind of resource.", "kind"),
		postponed:      gauge("kontor_postponed", "Work that waits for its next try after a failure, by kind of resource and code of the failure.", "kind", "code"),
		downloads:      gauge("kontor_downloads_waiting", "Deliveries of banks that wait to be split."),
		quarantined:    gauge("kontor_quarantine_parts", "Parts of deliveries that belong to nobody known and wait for the operator."),
		jobs:           gauge("kontor_jobs", "Jobs that wait for a worker (available) or are being worked on (running), by kind.", "kind", "state"),
		pollAge: gauge("kontor_poll_success_age_seconds",
			"Time since a bank last answered a poll, with data or with none; no value before the first answer.", "contact", "order_type"),
		success: gauge("kontor_census_success", "1 if the database could be counted in time; if it is 0, what is counted there is missing."),
		took:    gauge("kontor_census_duration_seconds", "How long counting took."),
	}
}

// census counts in the database when it is scraped.
type census struct {
	store *store.Store
	jobs  *job.Client
	desc  censusMetrics
	log   *slog.Logger

	mu    sync.Mutex
	until time.Time // until when the last count is good, by the clock that nobody can set
	seen  store.Census
	queue []job.Count
	took  time.Duration
	err   error
}

// Describe implements prometheus.Collector.
func (c *census) Describe(to chan<- *prometheus.Desc) {
	d := c.desc
	for _, one := range []*prometheus.Desc{
		d.files, d.oldestFile, d.unsealed, d.oldestUnsealed, d.leases, d.postponed, d.downloads, d.quarantined, d.jobs, d.pollAge, d.success, d.took,
	} {
		to <- one
	}
}

// Collect implements prometheus.Collector.
func (c *census) Collect(to chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !time.Now().Before(c.until) {
		c.count()
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(c.desc.took, c.took.Seconds())
	if c.err != nil {
		gauge(c.desc.success, 0)
		return
	}
	gauge(c.desc.success, 1)
	c.files(gauge)
	gauge(c.desc.unsealed, float64(c.seen.Unsealed))
	gauge(c.desc.oldestUnsealed, c.age(c.seen.OldestUnsealed))
	gauge(c.desc.downloads, float64(c.seen.DownloadsStored))
	gauge(c.desc.quarantined, float64(c.seen.Quarantined))
	for _, kind := range []string{"file", "contact", "download", "audit"} {
		gauge(c.desc.leases, float64(c.seen.Leases[kind]), kind)
	}
	for p, n := range c.seen.Postponed {
		gauge(c.desc.postponed, float64(n), p.Kind, p.Code)
	}
	for _, q := range c.queue {
		gauge(c.desc.jobs, float64(q.Jobs), q.Kind, q.State)
	}
	for _, p := range c.seen.Polls {
		if !p.Succeeded.IsZero() {
			gauge(c.desc.pollAge, c.age(p.Succeeded), string(p.Contact), p.OrderType)
		}
	}
}

func (c *census) files(gauge func(d *prometheus.Desc, v float64, labels ...string)) {
	for _, s := range hub.States() {
		gauge(c.desc.files, float64(c.seen.Files[s]), string(s))
	}
	for _, s := range []hub.State{hub.StateQueued, hub.StateSending, hub.StateUnclear} {
		gauge(c.desc.oldestFile, c.age(c.seen.OldestFile[s]), string(s))
	}
}

// age is how long ago something was, at the moment of the scrape; 0 if it never was.
func (c *census) age(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(c.store.Now().Sub(t).Seconds(), 0)
}

func (c *census) count() {
	ctx, done := context.WithTimeout(context.Background(), censusLimit)
	defer done()
	begin := time.Now()
	c.err = c.store.Read(ctx, func(tx *store.Tx) (err error) {
		c.seen, err = tx.Census(ctx)
		return err
	})
	if c.err == nil {
		c.queue, c.err = c.jobs.Counts(ctx)
	}
	if c.err != nil {
		c.log.Warn("the database could not be counted for the metrics", "error", c.err)
	}
	c.took = time.Since(begin)
	c.until = time.Now().Add(max(censusKept, censusShare*c.took))
}
