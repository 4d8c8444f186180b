package bank

import (
	"context"
	"fmt"

	"kontor/iso20022/pain"
	"kontor/sandbox/bank/books"
)

// reportStatus makes the status report of an executed order available, in the
// version of pain.002 that belongs to the order's message.
func (b *bank) reportStatus(ctx context.Context, tx *books.Tx, x *execution) error {
	order, fetch, version := x.order, x.service.status, "pain.002.001.10"
	if x.message == "pain.001.001.03" || x.message == "pain.008.001.02" {
		version = "pain.002.001.03"
	}
	content, err := x.report(pain.StatusReport{
		Version: version, MessageID: fmt.Sprintf("%s%s%s%.8s", fetch, compact(x.day), order.ID, order.TransactionID),
		CreationDateTime: stamp(b.now()), OriginalMessageID: order.MessageID, OriginalMessageName: x.message,
		GroupStatus: sumUp(x.good, len(x.verdicts)),
	})
	if err != nil {
		return fmt.Errorf("reporting order %s: %w", order.ID, err)
	}
	return tx.AddDocument(ctx, books.Document{
		Partner: order.Partner, OrderType: fetch, Day: x.day, Content: content,
		Name: fmt.Sprintf("%s_%s_%s_%.8s.xml", x.day, fetch, order.ID, order.TransactionID),
	})
}

// report writes the report while it reads the order again.
func (x *execution) report(head pain.StatusReport) (books.Packed, error) {
	packer := books.NewPacker()
	out := pain.NewStatusWriter(packer, head)
	batch := -1
	if _, err := x.read(pain.Visitor{Payment: func(p *pain.Payment) error {
		if batch != p.Batch.Ordinal {
			batch = p.Batch.Ordinal
			result := x.batches[batch]
			out.Batch(pain.StatusBatch{OriginalPaymentInformationID: result.id, Status: sumUp(result.settled, result.total)})
		}
		out.Transaction(x.transaction(p))
		return nil
	}}); err != nil {
		return books.Packed{}, err
	}
	if err := out.Close(); err != nil {
		return books.Packed{}, err
	}
	return packer.Packed()
}

// transaction is one line of the report.
func (x *execution) transaction(p *pain.Payment) *pain.StatusTransaction {
	t := &pain.StatusTransaction{
		OriginalInstructionID: p.InstructionID, OriginalEndToEndID: p.EndToEndID, Status: pain.StatusACSC,
		Amount: p.Amount.Decimal(), Currency: string(p.Amount.Currency), DebtorAccount: p.Batch.OwnAccount(), CreditorAccount: p.CreditorAccount,
	}
	if x.service.kind == pain.KindDirectDebit {
		t.DebtorAccount, t.CreditorAccount = p.DebtorAccount, p.Batch.OwnAccount()
	}
	if reason := verdictReasons[x.verdicts[p.Ordinal]]; reason != "" {
		t.Status, t.Reasons = pain.StatusRJCT, []pain.Reason{{Code: reason, Originator: bankName}}
	}
	return t
}

// sumUp is the status of a group: all settled, none, or some.
func sumUp(good, total int) pain.Status {
	switch {
	case good == total:
		return pain.StatusACSC
	case good == 0:
		return pain.StatusRJCT
	}
	return pain.StatusPART
}
