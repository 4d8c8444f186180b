package pain

import "fmt"

// History answers what a file alone does not tell. Read asks only for rules that a
// policy turns on: PAIN-A4, PAIN-K1 and PAIN-H8 are off by default. Each answer names
// the earlier file or payment for people, such as "SALARY-11 of 2026-10-28"; "" means
// there is none. An error ends Read.
type History interface {
	// Message is asked once, at the end of the first transaction.
	Message(initiatingParty, messageID string) (earlier string, err error)
	// Payment is asked for each payment, which is valid during the call only.
	Payment(p *PaymentView) (earlier string, err error)
	// Mandate is asked for each direct debit: was the mandate used in a way that forbids
	// this collection? The payment is valid during the call only.
	Mandate(p *PaymentView) (earlier string, err error)
}

// compare asks the history about the open payment, and before the first about the file.
func (d *judge) compare(offset int64) error {
	if d.history == nil {
		return nil
	}
	if d.on(ruleMessageIDTwice) && d.payment.Ordinal == 0 {
		earlier, err := d.history.Message(d.message.InitiatingParty, d.message.MessageID)
		if err != nil {
			return fmt.Errorf("looking for an earlier message: %w", err)
		}
		if earlier != "" {
			d.add(ruleMessageIDTwice, d.severity[ruleMessageIDTwice], d.messageIDAt, []byte(d.message.MessageID), "twice", []string{earlier})
		}
	}
	twice, mandate := d.on(rulePaymentTwice), d.on(ruleMandateHistory) && d.kind == KindDirectDebit
	if !twice && !mandate {
		return nil
	}
	d.fillView()
	if twice {
		earlier, err := d.history.Payment(&d.view)
		if err != nil {
			return fmt.Errorf("looking for an earlier payment: %w", err)
		}
		if earlier != "" {
			d.tell(rulePaymentTwice, offset, "", "twice", earlier)
		}
	}
	if mandate {
		earlier, err := d.history.Mandate(&d.view)
		if err != nil {
			return fmt.Errorf("looking for earlier uses of a mandate: %w", err)
		}
		if earlier != "" {
			d.tell(ruleMandateHistory, offset, "DrctDbtTx/MndtRltdInf", "used", earlier)
		}
	}
	return nil
}
