package app

import (
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kontor/finding"
	"kontor/internal/hub"
)

// Metric describes a time series that a serving process shows.
type Metric struct {
	Name   string
	Kind   string // counter, gauge or histogram
	Labels []string
	Help   string
}

// Metrics lists what a serving process shows of its own, by name: what the client library adds about process and runtime is not in it.
func Metrics() []Metric {
	m := newMetrics("")
	slices.SortFunc(m.described, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	return m.described
}

// metrics are what an operator watches. Labels name banks, contacts, order types, states and codes; nothing of a tenant.
type metrics struct {
	registry  *prometheus.Registry
	described []Metric
	ready     atomic.Bool

	requests    *prometheus.HistogramVec
	submissions *prometheus.CounterVec
	transitions *prometheus.CounterVec
	takenOver   *prometheus.CounterVec
	lost        *prometheus.CounterVec
	jobs        *prometheus.CounterVec
	bankTime    *prometheus.HistogramVec
	bankCodes   *prometheus.CounterVec
	orders      *prometheus.CounterVec
	polls       *prometheus.CounterVec
	warnings    *prometheus.CounterVec
	damaged     prometheus.Gauge
	census      censusMetrics
}

func newMetrics(version string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.gauge("kontor_build_info", "1, with what is running.", "version", "go_version").
		WithLabelValues(version, runtime.Version()).Set(1)
	m.requests = m.histogram("kontor_http_request_duration_seconds", "Time to answer an API request.",
		[]float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}, "method", "status")
	m.submissions = m.counter("kontor_submissions_total",
		"Payment files that clients handed in, by what became of them: the state in which the file was kept, or the code with which it was refused.", "result")
	m.transitions = m.counter("kontor_payment_file_transitions_total",
		"Changes of state of payment files that this process committed; from is empty when a file became visible.", "from", "to")
	m.takenOver = m.counter("kontor_leases_taken_over_total", "Leases that this process took after their holder had let them run out.", "kind")
	m.lost = m.counter("kontor_leases_lost_total", "Leases that this process held and found to be held no longer.", "kind")
	m.jobs = m.counter("kontor_jobs_finished_total", "Jobs that this process worked on, by how they ended: done or failed.", "kind", "result")
	m.bankTime = m.histogram("kontor_bank_request_duration_seconds",
		"Time of one step with a bank: initialise and transfer are one request each, download is all requests of an order and its storing.",
		[]float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}, "bank", "step", "outcome")
	m.bankCodes = m.counter("kontor_bank_return_codes_total",
		"Answers of banks that were not plain success, by EBICS return code; no data (090005) is among them, other stands for codes that EBICS does not know.", "bank", "code")
	m.orders = m.counter("kontor_orders_total",
		"Tries to upload or download an order, by how they ended: delivered, data, nothing, or why not.", "bank", "direction", "order_type", "outcome")
	m.polls = m.counter("kontor_polls_total", "Times that this process asked a bank for an order type, by result.", "contact", "order_type", "result")
	m.warnings = m.counter("kontor_document_findings_total", "What was found to be wrong with documents of banks, by code; they are offered all the same.", "code")
	m.damaged = m.gauge("kontor_damaged_values", "Sealed values that did not open when this process looked last, which it does daily.").WithLabelValues()
	m.census = newCensusMetrics(m)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) describe(kind, name, help string, labels []string) {
	m.described = append(m.described, Metric{Name: name, Kind: kind, Labels: labels, Help: help})
}

func (m *metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	m.describe("counter", name, help, labels)
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	m.describe("gauge", name, help, labels)
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	m.describe("histogram", name, help, labels)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(v)
	return v
}

// handler shows them; they are of one moment each, but not all of the same.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// FileEntered implements store.Watcher.
func (m *metrics) FileEntered(from, to hub.State) {
	m.transitions.WithLabelValues(string(from), string(to)).Inc()
}

// LeaseTakenOver implements store.Watcher.
func (m *metrics) LeaseTakenOver(kind string) { m.takenOver.WithLabelValues(kind).Inc() }

// LeaseLost implements store.Watcher.
func (m *metrics) LeaseLost(kind string) { m.lost.WithLabelValues(kind).Inc() }

// jobFinished is for job.Workers.Observe.
func (m *metrics) jobFinished(kind string, err error) {
	result := "done"
	if err != nil {
		result = "failed"
	}
	m.jobs.WithLabelValues(kind, result).Inc()
}

// uploadTried is for dispatch.Options.Tried.
func (m *metrics) uploadTried(bank hub.BankID, orderType, outcome string) {
	m.orders.WithLabelValues(string(bank), "upload", orderType, outcome).Inc()
}

// documentWarned is for collect.Options.Warned.
func (m *metrics) documentWarned(code finding.Code) { m.warnings.WithLabelValues(string(code)).Inc() }

func (m *metrics) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		begin := time.Now()
		next.ServeHTTP(seen, r)
		m.requests.WithLabelValues(method(r.Method), strconv.Itoa(seen.status)).Observe(time.Since(begin).Seconds())
	})
}

// method keeps the label's values few, whatever a client sends.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions, http.MethodPatch:
		return m
	}
	return "other"
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status.
func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what is below.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
