package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// story is one run: its processes, its clients, and what it has learnt.
type story struct {
	o      Options
	folder string
	screen *screen
	began  time.Time
	cancel context.CancelCauseFunc // ends the run when a process ends by itself

	processes []*process // in the order in which they are stopped
	bankAt    bankReady
	hubAt     hubReady
	bank      *control
	hub       *api
	admin     *admin
	state     bankState
	cast      cast
	contactID string

	file    paymentFile
	rID     string
	journey *journey
}

// hubReady is the line with which the hub says that it is ready.
type hubReady struct {
	URL     string `json:"url"`
	Metrics string `json:"metrics"`
	CA      string `json:"ca"`
}

func newStory(o Options, folder string, s *screen) *story {
	return &story{o: o, folder: folder, screen: s, began: time.Now()}
}

// step is one numbered part of the story.
type step struct {
	title key
	play  func(*story, context.Context) error
}

// steps is the story in its order.
func steps() []step {
	return []step{
		{textStepBank, (*story).openBank},
		{textStepHub, (*story).startHub},
		{textStepTenant, (*story).bringCompany},
		{textStepContact, (*story).meetBank},
		{textStepSend, (*story).sendFile},
		{textStepTransport, (*story).watchTransport},
		{textStepRelease, (*story).releaseOrder},
		{textStepConfirm, (*story).watchConfirmation},
		{textStepStatement, (*story).readStatements},
		{textStepTwice, (*story).sendTwice},
		{textStepTable, (*story).showTable},
	}
}

// run plays all steps, stays if asked to, and ends the processes in every case.
func (s *story) run(parent context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	s.cancel = cancel
	s.welcome()
	s.screen.steps = len(steps())
	s.screen.quiet = s.o.Keep
	defer s.stop()
	for _, part := range steps() {
		s.screen.headline(part.title)
		if err := part.play(s, ctx); err != nil {
			return s.explain(err, parent.Err() != nil)
		}
	}
	if !s.o.Keep {
		s.farewell()
		return nil
	}
	if err := s.stay(ctx); err != nil && parent.Err() == nil {
		return s.explain(err, false)
	}
	return nil
}

// explain shows a failure and the ends of the logs. An interruption needs no logs.
func (s *story) explain(err error, interrupted bool) error {
	if errors.Is(err, ErrFileRefused) {
		return err // shown in full where it happened
	}
	s.screen.failed(s.screen.say(textFailed, err))
	if interrupted {
		return err
	}
	for _, p := range s.processes {
		lines, tailErr := p.tail()
		if tailErr != nil {
			s.screen.failed(tailErr.Error())
			continue
		}
		s.screen.line("  " + s.screen.say(textLogTail, p.name))
		for _, line := range lines {
			s.screen.line("    " + clean(line))
		}
	}
	return err
}

// stop ends the hub, then the bank.
func (s *story) stop() {
	if len(s.processes) == 0 {
		return
	}
	done := s.screen.wait(textWaitEnd)
	killed := stopAll(s.o.grace, s.processes...)
	done()
	for _, name := range killed {
		s.screen.failed(s.screen.say(textKilled, name))
	}
}

// welcome says what is going to happen.
func (s *story) welcome() {
	if s.o.File != "" {
		s.screen.line(s.screen.paint(bold, s.screen.say(textTitleFile, clean(s.o.File))))
	} else {
		s.screen.line(s.screen.paint(bold, s.screen.say(textTitle)))
	}
	s.screen.line(s.screen.say(textFolder, s.folder))
}

// within gives a wait its deadline; the error of a wait that lasts too long says what it waited for.
func (s *story) within(ctx context.Context, what string) (context.Context, context.CancelFunc) {
	limit := patience + time.Duration(s.file.Size>>20)*time.Second
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("waited %s for %s", limit, what))
}

// openBank starts the sandbox bank and gets to know its customers.
func (s *story) openBank(ctx context.Context) error {
	ctx, cancel := s.within(ctx, "the sandbox bank to be ready")
	defer cancel()
	stop := s.screen.wait(textWaitBank)
	defer stop()
	err := s.start(ctx, "the sandbox bank", &s.bankAt, filepath.Join(s.folder, "logs", "bank.log"),
		"sandbox", "bank", "--listen", "127.0.0.1:0", "--data", filepath.Join(s.folder, "bank"), "--seed", "1", "--host-id", "SANDBOX")
	if err != nil {
		return err
	}
	if err := errors.Join(checkLoopback(s.bankAt.URL), checkLoopback(s.bankAt.Control)); err != nil {
		return fmt.Errorf("the bank's ready line: %w", err)
	}
	client, err := trusting(s.bankAt.CA)
	if err != nil {
		return err
	}
	s.bank = &control{base: strings.TrimSuffix(s.bankAt.Control, "/"), http: client}
	if s.state, err = s.bank.state(ctx); err != nil {
		return fmt.Errorf("asking the bank for its state: %w", err)
	}
	if s.cast, err = choose(s.state); err != nil {
		return err
	}
	stop()
	s.screen.done(textBankReady, s.bankAt.URL, clean(s.bankAt.HostID), clean(s.state.BusinessDate))
	s.screen.note(textBankCustomers, clean(customers(s.state)))
	return nil
}

// startHub starts the hub on its own data folder. It asks the bank by itself while orders are open; statements are asked for by
// command, so that the story does not depend on the hour.
func (s *story) startHub(ctx context.Context) error {
	ctx, cancel := s.within(ctx, "the hub to be ready")
	defer cancel()
	stop := s.screen.wait(textWaitHub)
	defer stop()
	data := filepath.Join(s.folder, "hub")
	err := s.start(ctx, "the hub", &s.hubAt, filepath.Join(s.folder, "logs", "hub.log"),
		"serve", "--data", data, "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
		"--poll-open", "2s", "--poll-idle", "1h", "--poll-after-send", "1500ms", "--sweep", "500ms")
	if err != nil {
		return err
	}
	if err := checkLoopback(s.hubAt.URL); err != nil {
		return fmt.Errorf("the hub's ready line: %w", err)
	}
	client, err := trusting(s.hubAt.CA)
	if err != nil {
		return err
	}
	s.hub = &api{base: strings.TrimSuffix(s.hubAt.URL, "/"), http: client}
	s.admin = &admin{binary: s.o.Binary, env: environment(os.Environ()), data: data}
	stop()
	s.screen.done(textHubReady, s.hubAt.URL)
	s.screen.note(textHubFolder)
	return nil
}

// start starts a process and waits for its ready line. It is stopped before those started earlier.
func (s *story) start(ctx context.Context, name string, ready any, log string, args ...string) error {
	ended := func(err error) { s.cancel(err) }
	p, err := start(name, s.o.Binary, environment(os.Environ()), log, ended, args...)
	if err != nil {
		return err
	}
	s.processes = append([]*process{p}, s.processes...)
	return p.awaitReady(ctx, ready)
}

// command runs one admin command, shown while it runs.
func (s *story) command(ctx context.Context, into any, args ...string) error {
	ctx, cancel := s.within(ctx, "kontor admin "+strings.Join(args[:2], " "))
	defer cancel()
	defer s.screen.wait(textWaitCommand, strings.Join(args[:2], " "))()
	return s.admin.run(ctx, into, args...)
}

// customers writes partners and users: "KONTOR (T1 T), HOLDER1 (A1 A, B1 B)".
func customers(s bankState) string {
	texts := make([]string, 0, len(s.Partners))
	for _, p := range s.Partners {
		users := make([]string, 0, len(p.Users))
		for _, u := range p.Users {
			users = append(users, u.UserID+" "+u.Class)
		}
		texts = append(texts, p.PartnerID+" ("+strings.Join(users, ", ")+")")
	}
	return strings.Join(texts, ", ")
}
