package banktest

import (
	"context"

	"kontor/internal/hub"
)

// Honest does what it is asked for and says so.
type Honest struct{}

// Before lets pass.
func (Honest) Before(context.Context, Call) error { return nil }

// After lets pass.
func (Honest) After(context.Context, Call) error { return nil }

// Refuses says no to a step: to every request for it.
type Refuses struct {
	Honest
	Step   Step
	Number int // of the segment; 0 = any
	Code   string
}

// Before refuses.
func (b Refuses) Before(_ context.Context, c Call) error {
	if !matches(c, b.Step, b.Number) {
		return nil
	}
	return &hub.BankError{Outcome: hub.BankRefused, Code: b.Code, Text: "the bank's reason"}
}

// Fails ends a step with an outcome, before the bank did anything, so many times.
type Fails struct {
	Honest
	Step    Step
	Number  int // of the segment; 0 = any
	Times   int
	Outcome hub.BankOutcome
}

// Before fails.
func (b Fails) Before(_ context.Context, c Call) error {
	if !matches(c, b.Step, b.Number) || c.Attempt > b.Times {
		return nil
	}
	return &hub.BankError{Outcome: b.Outcome}
}

// LosesReply takes the last segment and loses its first answer on the way.
type LosesReply struct{ Honest }

// After loses the answer.
func (LosesReply) After(_ context.Context, c Call) error {
	if c.Step == Last && c.Attempt == 1 {
		return &hub.BankError{Outcome: hub.BankSilent}
	}
	return nil
}

// LosesLastSegment never gets the last segment at the first try; the caller cannot tell this from LosesReply.
type LosesLastSegment struct{ Honest }

// Before loses the request.
func (LosesLastSegment) Before(_ context.Context, c Call) error {
	if c.Step == Last && c.Attempt == 1 {
		return &hub.BankError{Outcome: hub.BankSilent}
	}
	return nil
}

// Calls runs a function before every request, for tests that act in the middle of an upload.
type Calls struct {
	Honest
	Func func(ctx context.Context, c Call) error
}

// Before runs the function.
func (b Calls) Before(ctx context.Context, c Call) error { return b.Func(ctx, c) }

func matches(c Call, step Step, number int) bool {
	return c.Step == step && (number == 0 || c.Number == number)
}
