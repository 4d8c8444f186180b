package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kontor/folder"
	"kontor/internal/bank/ebics"
	"kontor/internal/collect"
	"kontor/internal/config"
	"kontor/internal/dispatch"
	"kontor/internal/intake"
	"kontor/internal/job"
	"kontor/internal/konfipay"
	"kontor/internal/store"
	"kontor/loopback"
)

// Ready is the one JSON line that Serve writes when it accepts requests.
type Ready struct {
	URL     string `json:"url"`
	Metrics string `json:"metrics"`
	CA      string `json:"ca"` // path of the certificate to trust; "" when the operator configured one, or with plain HTTP
}

// How long each part may go on after the order to stop, ten seconds in all; uploads in hand are parked and go on after the next start.
const (
	stopRequests = 3 * time.Second
	stopJobs     = 3 * time.Second // then they are cancelled, see jobCancelTime in package job
	stopSealing  = time.Second
)

// Serve runs a serving process until ctx ends, then stops in order: no new requests, no new jobs, those in hand finish or are parked.
func Serve(ctx context.Context, s config.Serve, stdout io.Writer, log *slog.Logger) (err error) {
	if err := s.Validate(); err != nil {
		return err
	}
	defer roomyHeap()()
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	// One serving process per data folder: the embedded database is this process's alone, and so is the certificate's folder.
	unlock, err := folder.Lock(filepath.Join(s.Data, "serve.lock"))
	if err != nil {
		return fmt.Errorf("lock data folder: %w", err)
	}
	defer unlock()
	if path, embedded := s.EmbeddedFile(); embedded { // it may lie outside the data folder
		unlock, err := folder.Lock(path + ".lock")
		if err != nil {
			return fmt.Errorf("lock database: %w", err)
		}
		defer unlock()
	}
	schemas, err := loadSchemas(s.SchemaFolder)
	if err != nil {
		return err
	}
	m := newMetrics(s.Version)
	h, err := open(ctx, s.Storage, ebics.Options{Timeout: s.BankTimeout, SegmentSize: s.SegmentSize}, m, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if h.Store.Engine() == store.SQLite {
		if err := h.Store.ReleaseAllLeases(ctx); err != nil {
			return fmt.Errorf("release leases: %w", err)
		}
	}
	if err := h.anchors.fits(ctx, h.Store); err != nil {
		return err
	}
	clock := newClockWatch(h.Store, s, log)
	if err := clock.compare(ctx); err != nil {
		return err
	}
	if err := clock.begin(ctx); err != nil {
		return err
	}
	if err := missingSchemas(ctx, h, schemas); err != nil {
		return err
	}
	p, err := newProcess(h, s, schemas, m)
	if err != nil {
		return err
	}
	p.clock = clock
	// Payroll does not wait for a list of banks that cannot be read.
	if err := p.banks.follow(ctx); err != nil {
		h.log.Error("bank directory", "error", err)
	}
	return p.run(ctx, stdout)
}

// process is a serving process.
type process struct {
	*Hub
	settings config.Serve
	jobs     *job.Client
	handler  http.Handler
	metrics  *metrics
	clock    *clockWatch
	banks    *banks
}

func newProcess(h *Hub, s config.Serve, schemas intake.Schemas, m *metrics) (*process, error) {
	p := &process{Hub: h, settings: s, metrics: m, banks: &banks{store: h.Store}}
	banks := observedBank{h.channel, m}
	// The flows enqueue through a client of their own, since the working one needs the flows first.
	enqueue, err := job.New(h.Store, nil, 0)
	if err != nil {
		return nil, err
	}
	d := dispatch.New(dispatch.Options{
		Store: h.Store, Bank: banks, Node: s.NodeName(), Lease: s.Lease, AfterSend: s.PollAfterSend,
		RetryFirst: s.RetryFirst, RetryLimit: s.RetryLimit, Tried: m.uploadTried,
	})
	c := collect.New(collect.Options{
		Store: h.Store, Jobs: enqueue, Bank: banks, Log: h.log, Node: s.NodeName(), Lease: s.Lease, Open: s.PollOpen, Idle: s.PollIdle,
		Statements: s.PollStatements, AfterEvent: s.PollAfterSend, RetryFirst: s.RetryFirst, RetryLimit: s.RetryLimit,
		Warned: m.documentWarned,
	})
	workers := job.NewWorkers(h.log)
	workers.Observe(m.jobFinished)
	job.Handle(workers, d.Send)
	job.Handle(workers, c.Poll)
	job.Handle(workers, c.Index)
	if p.jobs, err = job.New(h.Store, workers, s.Workers); err != nil {
		return nil, err
	}
	m.registry.MustRegister(&census{store: h.Store, jobs: p.jobs, desc: m.census, log: h.log})
	p.handler = p.routes(konfipay.New(konfipay.Options{
		Access: h.Access, Intake: observedIntake{intake.New(intake.Options{Store: h.Store, Jobs: enqueue, MaxBytes: s.MaxFileBytes, Schemas: schemas, Banks: p.banks.table}), m},
		Offer: collect.NewOffer(h.Store), Store: h.Store, Now: now, Logger: h.log, MaxBody: s.MaxFileBytes, PublicURL: s.PublicURL,
	}))
	return p, nil
}

func (p *process) run(ctx context.Context, stdout io.Writer) error {
	api, ready, err := p.listen()
	if err != nil {
		return err
	}
	metricsListener, err := net.Listen("tcp", p.settings.MetricsListen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for metrics: %w", err), api.Close())
	}
	ready.Metrics = "http://" + metricsListener.Addr().String()
	errorLog := slog.NewLogLogger(p.log.Handler(), slog.LevelDebug) // TLS handshake noise of scanners
	servers := []*http.Server{
		{Handler: p.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: errorLog},
		{Handler: p.operations(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, ErrorLog: errorLog},
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	if err := p.jobs.Start(working); err != nil {
		return errors.Join(fmt.Errorf("start jobs: %w", err), api.Close(), metricsListener.Close())
	}
	var background sync.WaitGroup
	looping, stopLoops := context.WithCancel(ctx)
	defer stopLoops()
	failed := make(chan error, len(servers)+1)
	report := p.reporter(failed)
	background.Go(func() {
		(&sweeper{store: p.Store, jobs: p.jobs, clock: p.clock, banks: p.banks}).run(looping, p.settings.Sweep, report)
	})
	background.Go(func() { p.clock.run(looping, report) })
	background.Go(func() {
		(&sealer{store: p.Store, anchors: p.anchors, node: p.settings.NodeName()}).run(looping, report)
	})
	background.Go(func() {
		(&scrubber{store: p.Store, node: p.settings.NodeName(), log: p.log, damaged: p.metrics.damaged}).run(looping, report)
	})
	for i, l := range []net.Listener{api, metricsListener} {
		background.Go(func() {
			if err := servers[i].Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	p.metrics.ready.Store(true)
	if err := json.NewEncoder(stdout).Encode(ready); err != nil {
		p.log.Error("ready line could not be written", "error", err)
	}
	p.tell("READY=1")
	p.log.Info("ready", "url", ready.URL, "engine", p.Store.Engine())
	var serveErr error
	select {
	case <-ctx.Done():
	case serveErr = <-failed:
	case serveErr = <-p.Store.Failed():
		p.log.Error("the database's disk cannot be trusted", "error", serveErr)
	}
	p.metrics.ready.Store(false)
	p.tell("STOPPING=1")
	if errors.Is(serveErr, store.ErrNewerTables) {
		p.retire(stopLoops)
	}
	if serveErr == nil || errors.Is(serveErr, store.ErrNewerTables) {
		p.drain(p.settings.Drain)
	}
	return errors.Join(serveErr, p.stop(servers, stopLoops, &background))
}

// reporter returns what background work tells its failures to. One after which nothing may go on ends the process, through failed.
func (p *process) reporter(failed chan<- error) func(error) {
	return func(err error) {
		p.log.Error("background work failed", "error", err)
		if errors.Is(err, errOtherDatabase) || errors.Is(err, errNodeClock) || errors.Is(err, store.ErrNewerTables) {
			select {
			case failed <- err:
			default: // it has been said
			}
		}
	}
}

// retire ends the work of a process whose tables were migrated by a newer program: nothing is sent or read by the old rules any more. What
// balancers have sent here is still answered while they turn to the others.
func (p *process) retire(stopLoops func()) {
	stopLoops()
	within(stopJobs, func(ctx context.Context) {
		if err := p.jobs.Stop(ctx); err != nil {
			p.log.Warn("jobs go on until the end", "error", err)
		}
	})
}

// stop ends the process in order, each step within a time of its own: what takes longer is cut or parked.
func (p *process) stop(servers []*http.Server, stopLoops func(), background *sync.WaitGroup) error {
	p.log.Info("stopping")
	stopLoops()
	var errs []error
	within(stopRequests, func(ctx context.Context) {
		for _, s := range servers {
			if s.Shutdown(ctx) != nil {
				errs = append(errs, s.Close())
			}
		}
	})
	within(stopJobs, func(ctx context.Context) {
		if err := p.jobs.Stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop jobs: %w", err))
		}
	})
	background.Wait()
	// A last sealing, so that a stopped installation has a whole chain. If it fails, the next start seals.
	within(stopSealing, func(ctx context.Context) {
		if err := (&sealer{store: p.Store, anchors: p.anchors, node: p.settings.NodeName()}).sealAll(ctx); err != nil {
			p.log.Warn("audit rows wait for the next start to be sealed", "error", err)
		}
		if err := p.anchors.follow(ctx, p.Store, p.Store.Now(), true); err != nil {
			p.log.Warn("anchors wait for the next start to be moved", "error", err)
		}
		if err := p.clock.count(ctx); err != nil {
			p.log.Warn("some time of this process is not counted", "error", err)
		}
	})
	p.log.Info("stopped")
	return errors.Join(errs...)
}

func within(limit time.Duration, step func(ctx context.Context)) {
	ctx, done := context.WithTimeout(context.Background(), limit)
	defer done()
	step(ctx)
}

// listen opens the API's listener: TLS with the configured certificate, or one of our own on loopback, or plain HTTP on loopback.
func (p *process) listen() (net.Listener, Ready, error) {
	s := p.settings
	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return nil, Ready{}, fmt.Errorf("listen: %w", err)
	}
	if s.PlainHTTP {
		return l, Ready{URL: "http://" + l.Addr().String()}, nil
	}
	ready := Ready{URL: "https://" + l.Addr().String()}
	var config *tls.Config
	if s.TLSCert != "" {
		certificate, cerr := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
		config, err = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}, cerr
	} else {
		dir := filepath.Join(s.Data, "tls")
		if err = os.MkdirAll(dir, 0o700); err == nil {
			config, ready.CA, err = loopback.TLS(dir, "Kontor", l.Addr(), now())
		}
	}
	if err != nil {
		return nil, Ready{}, errors.Join(fmt.Errorf("prepare TLS: %w", err), l.Close())
	}
	config.NextProtos = []string{"http/1.1"}
	return tls.NewListener(l, config), ready, nil
}
