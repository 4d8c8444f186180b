package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// sendFile logs in and sends the payment file. For a file of the user's own, a refusal is shown with its reasons and is
// ErrFileRefused.
func (s *story) sendFile(ctx context.Context) error {
	ctx, cancel := s.within(ctx, "the hub's answer to the payment file")
	defer cancel()
	if err := s.hub.login(ctx); err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	s.screen.done(textLogin, s.hub.expiry/60)
	name := clean(filepath.Base(s.file.Path))
	if s.file.Readable {
		s.screen.done(textFile, name, s.file.Count, s.file.amount(), clean(s.file.MessageID))
	} else {
		s.screen.note(textFileUnreadable, name)
	}
	if s.file.Findings > 0 {
		s.screen.note(textFileFindings, s.file.Findings)
	}
	stop := s.screen.wait(textWaitAnswer)
	item, err := s.hub.submit(ctx, s.file.Path)
	stop()
	if refused := (*apiError)(nil); s.o.File != "" && errors.As(err, &refused) {
		return s.showRefusal(refused.Items...)
	}
	if err != nil {
		return fmt.Errorf("sending the payment file: %w", err)
	}
	if s.o.File != "" && item.PaymentStatusItem.Status == konRejected {
		if item.PaymentStatusItem.ErrorItem == nil {
			return s.showRefusal()
		}
		return s.showRefusal(*item.PaymentStatusItem.ErrorItem)
	}
	s.rID = item.RID
	s.journey = newJourney(
		[]status{konAcceptedAndQueued}, []status{finUploadSucceeded}, []status{finVEUForwarded}, []status{finAccepted}, s.lastWords())
	s.screen.done(textSent, item.RID)
	return s.see(item.sighting(http.MethodPost + " Payment/Sepa/Pain"))
}

// lastWords are the statuses with which the story may end: the built-in salaries are executed, all of them; the bank may think
// otherwise of payments of the user's own.
func (s *story) lastWords() []status {
	if s.o.File == "" {
		return []status{finConfirmed}
	}
	return []status{finConfirmed, finPartiallyAccepted, finRejected}
}

// see takes in a status and shows it if it is a new one.
func (s *story) see(seen sighting) error {
	fresh, err := s.journey.observe(seen)
	if err != nil || !fresh {
		return err
	}
	explained := ""
	if text, ok := statusText(seen.Status); ok {
		explained = s.screen.say(text)
	}
	s.screen.detail(s.screen.paint(green, "✓"), s.screen.paint(bold, string(seen.Status))+"  "+explained)
	return nil
}

// watch asks for the file's status until it is one of the targets. Every status on the way is taken in.
func (s *story) watch(ctx context.Context, interval time.Duration, targets ...status) error {
	words := alternatives([][]status{targets})
	ctx, cancel := s.within(ctx, words)
	defer cancel()
	defer s.screen.wait(textWaitStatus, words)()
	for !s.journey.reached(targets...) {
		if err := s.look(ctx); err != nil {
			return err
		}
		if !s.journey.reached(targets...) {
			if err := pause(ctx, interval); err != nil {
				return fmt.Errorf("watching the payment file, last at %s: %w", name(s.journey.last().Status), err)
			}
		}
	}
	return nil
}

// look asks for the file's status once.
func (s *story) look(ctx context.Context) error {
	item, err := s.hub.payment(ctx, s.rID)
	if err != nil {
		return fmt.Errorf("asking for the payment file's status: %w", err)
	}
	if !strings.EqualFold(item.RID, s.rID) {
		return fmt.Errorf("asked for payment file %s, got %s", s.rID, item.RID)
	}
	return s.see(item.sighting(http.MethodGet + " …/{rId}/Item"))
}

// watchTransport watches the file until it waits for signatures at the bank.
func (s *story) watchTransport(ctx context.Context) error {
	if err := s.watch(ctx, lookQuick, finUploadSucceeded); err != nil {
		return err
	}
	if err := s.watch(ctx, lookQuick, finVEUForwarded); err != nil {
		return err
	}
	s.screen.note(textTransportWhy)
	return nil
}

// releaseOrder has the bank refuse those who must not release, then signs as B and as A.
func (s *story) releaseOrder(ctx context.Context) error {
	ctx, cancel := s.within(ctx, "the bank to take the signatures")
	defer cancel()
	s.screen.note(textReleaseWhy)
	if err := s.mustRefuse(ctx, textTryTransport, s.cast.Transport); err != nil {
		return err
	}
	if err := s.mustRefuse(ctx, textTryStranger, s.cast.Stranger); err != nil {
		return err
	}
	if err := s.sign(ctx, textSignedFirst, s.cast.B, !lastSignature); err != nil {
		return err
	}
	if err := s.mustRefuse(ctx, textTrySame, s.cast.B); err != nil {
		return err
	}
	if err := s.mustRefuse(ctx, textTrySecondB, s.cast.B2); err != nil {
		return err
	}
	if err := s.look(ctx); err != nil {
		return err
	}
	if !s.journey.reached(finVEUForwarded) {
		return fmt.Errorf("with one signature missing the file is at %s already", name(s.journey.last().Status))
	}
	s.screen.done(textStillWaiting, s.journey.last().Status)
	return s.sign(ctx, textSignedLast, s.cast.A, lastSignature)
}

// mustRefuse tries a signature that must not count. Only the bank's conflict (HTTP 409) is the refusal wanted: anything else
// could be a fault that looks like one.
func (s *story) mustRefuse(ctx context.Context, why key, by signer) error {
	order, err := s.bank.release(ctx, s.cast.Transport.Partner, s.journey.last().OrderID, by)
	if err == nil {
		return fmt.Errorf("the bank took the signature of %s (class %s of %s), order %s", by.User, by.Class, by.Partner, order.OrderID)
	}
	refused := (*bankRefusal)(nil)
	if !errors.As(err, &refused) || refused.HTTP != http.StatusConflict {
		return fmt.Errorf("trying a signature that must be refused: %w", err)
	}
	s.screen.refused(why, by.User, by.Partner, by.Class)
	s.screen.note(textRefusedBy, clean(refused.Code), clean(refused.Text))
	return nil
}

// lastSignature says that a signature must complete the order.
const lastSignature = true

// sign signs as one who may, and checks what the bank makes of it.
func (s *story) sign(ctx context.Context, told key, by signer, completes bool) error {
	order, err := s.bank.release(ctx, s.cast.Transport.Partner, s.journey.last().OrderID, by)
	if err != nil {
		return fmt.Errorf("signing as %s (class %s): %w", by.User, by.Class, err)
	}
	if order.Complete != completes {
		return fmt.Errorf("after the signature of %s (class %s) the bank says that the order is at %s, complete: %t", by.User, by.Class, order.State, order.Complete)
	}
	s.screen.done(told, by.User, by.Class)
	return nil
}

// watchConfirmation watches the file to its end. The protocols are asked for one after the other, since FIN_ACCEPTED may not
// last long.
func (s *story) watchConfirmation(ctx context.Context) error {
	if err := s.pollWatching(ctx, "HAC", finAccepted); err != nil {
		return err
	}
	return s.pollWatching(ctx, "CRZ", s.lastWords()...)
}

// pollWatching has the hub ask the bank now, and watches while it does.
func (s *story) pollWatching(ctx context.Context, orderType string, targets ...status) error {
	ctx, cancel := s.within(ctx, "kontor admin poll now")
	defer cancel()
	polled := make(chan error, 1)
	go func() {
		polled <- s.admin.run(ctx, nil, "poll", "now", "--contact", s.contactID, "--order-type", orderType)
	}()
	err := s.watch(ctx, lookQuick, targets...)
	if err != nil {
		cancel() // what the command says then is a consequence
	}
	if polledErr := <-polled; err == nil {
		err = polledErr
	}
	return err
}

// sendTwice sends the same file again; the hub must name the first, and nothing more may reach the bank.
func (s *story) sendTwice(ctx context.Context) error {
	ctx, cancel := s.within(ctx, "the hub's answer to the second sending")
	defer cancel()
	item, err := s.hub.submit(ctx, s.file.Path)
	if err != nil {
		return fmt.Errorf("sending the payment file again: %w", err)
	}
	got := item.PaymentStatusItem
	if got.Status != konRejected {
		return fmt.Errorf("the same file sent again is at %s, not at %s", got.Status, konRejected)
	}
	if got.ErrorItem == nil || !strings.Contains(strings.ToLower(got.ErrorItem.ErrorDetails+got.ErrorItem.ErrorMessage), strings.ToLower(s.rID)) {
		return fmt.Errorf("the refusal of the second sending does not name the first, %s", s.rID)
	}
	s.screen.refused(textTwiceRefused, got.Status, s.rID)
	s.screen.note(textTwiceWhy)
	if err := s.onlyOne(ctx); err != nil {
		return err
	}
	return s.look(ctx) // the first must be what it was
}

// onlyOne asks the bank, which takes duplicates, how many orders with our message it has.
func (s *story) onlyOne(ctx context.Context) error {
	orders, err := s.bank.orders(ctx)
	if err != nil {
		return fmt.Errorf("asking the bank for its orders: %w", err)
	}
	count := 0
	for _, order := range orders {
		if order.MessageID == s.file.MessageID {
			count++
		}
	}
	if count != 1 {
		return fmt.Errorf("the bank has %d orders with message id %s, not one", count, s.file.MessageID)
	}
	s.screen.done(textOnlyOne, clean(s.file.MessageID))
	return nil
}

// showTable checks that no status is missing and shows what was seen.
func (s *story) showTable(context.Context) error {
	if err := s.journey.complete(); err != nil {
		return err
	}
	if s.screen.quiet {
		return nil
	}
	var heads []string
	for _, k := range []key{textHeadTime, textHeadStatus, textHeadSource, textHeadOrder, textHeadReason} {
		heads = append(heads, s.screen.say(k))
	}
	var rows [][]string
	for _, seen := range s.journey.seen {
		rows = append(rows, []string{
			seen.At.Format("15:04:05.000"), string(seen.Status), seen.Source, seen.OrderID, seen.why(),
		})
	}
	s.screen.table(heads, rows)
	return nil
}

// farewell sums up.
func (s *story) farewell() {
	took := time.Since(s.began).Round(100 * time.Millisecond)
	s.screen.line("")
	if s.journey.reached(finConfirmed) {
		s.screen.line(s.screen.paint(bold, s.screen.say(textHappyEnd, took, s.file.Count, s.file.amount())))
	} else {
		s.screen.line(s.screen.paint(bold, s.screen.say(textSadEnd, took, s.journey.last().Status)))
	}
	s.screen.line(s.screen.say(textNext))
}

// showRefusal shows why the hub did not take the user's file, one reason a line.
func (s *story) showRefusal(items ...errorItem) error {
	s.screen.line("")
	s.screen.line(s.screen.paint(bold, s.screen.say(textRefusedTitle)))
	for _, item := range items {
		s.screen.failed(strings.TrimSpace(item.ErrorCode + " " + item.ErrorMessage))
		for line := range strings.Lines(item.ErrorDetails) {
			if line = strings.TrimSpace(line); line != "" {
				s.screen.line("    • " + clean(line))
			}
		}
	}
	s.screen.line(s.screen.say(textRefusedLast))
	return ErrFileRefused
}

// pause waits; the error is what ended ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
