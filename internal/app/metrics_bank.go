package app

import (
	"context"
	"errors"
	"io"
	"time"

	"kontor/ebics"
	"kontor/internal/collect"
	"kontor/internal/dispatch"
	"kontor/internal/hub"
	"kontor/internal/intake"
)

// bank is what both flows ask of a channel.
type bank interface {
	dispatch.Bank
	collect.Bank
}

// observedBank counts what is asked of banks and what they answer.
type observedBank struct {
	bank
	m *metrics
}

// Initialise implements dispatch.Bank.
func (o observedBank) Initialise(ctx context.Context, l hub.Link, channel []byte) (hub.Transaction, []byte, error) {
	begin := time.Now()
	t, evidence, err := o.bank.Initialise(ctx, l, channel)
	o.step(l, "initialise", begin, err)
	return t, evidence, err
}

// Transfer implements dispatch.Bank.
func (o observedBank) Transfer(ctx context.Context, l hub.Link, t hub.Transaction, number int, last bool, segment []byte) ([]byte, error) {
	begin := time.Now()
	evidence, err := o.bank.Transfer(ctx, l, t, number, last, segment)
	o.step(l, "transfer", begin, err)
	return evidence, err
}

// Download implements collect.Bank.
func (o observedBank) Download(ctx context.Context, l hub.Link, orderType string, keep func(data io.Reader) error) error {
	begin := time.Now()
	err := o.bank.Download(ctx, l, orderType, keep)
	outcome := o.step(l, "download", begin, err)
	if outcome == outcomeDone {
		outcome = hub.PollData
	}
	o.m.orders.WithLabelValues(string(l.Bank.ID), "download", orderType, outcome).Inc()
	o.m.polls.WithLabelValues(string(l.Contact.ID), orderType, outcome).Inc()
	return err
}

const (
	outcomeDone     = "done"
	outcomeInternal = "internal" // the failure is ours: of the store, for example
)

func (o observedBank) step(l hub.Link, name string, begin time.Time, err error) (outcome string) {
	outcome = outcomeDone
	if be, ok := errors.AsType[*hub.BankError](err); ok {
		outcome = string(be.Outcome)
		if be.Code != "" {
			o.m.bankCodes.WithLabelValues(string(l.Bank.ID), knownCode(be.Code)).Inc()
		}
	} else if err != nil {
		outcome = outcomeInternal
	}
	o.m.bankTime.WithLabelValues(string(l.Bank.ID), name, outcome).Observe(time.Since(begin).Seconds())
	return outcome
}

// knownCode keeps the label's values few, whatever a bank answers.
func knownCode(code string) string {
	if ebics.ReturnCode(code).Symbol() == "" {
		return "other"
	}
	return code
}

// observedIntake counts what becomes of what clients hand in.
type observedIntake struct {
	*intake.Intake
	m *metrics
}

// Submit implements konfipay.Intake.
func (o observedIntake) Submit(ctx context.Context, s intake.Submission) (hub.PaymentFile, error) {
	file, err := o.Intake.Submit(ctx, s)
	result := string(file.State)
	if err != nil {
		if result = string(hub.CodeOf(err)); result == "" {
			result = outcomeInternal
		}
	}
	o.m.submissions.WithLabelValues(result).Inc()
	return file, err
}
