package pain

import (
	"kontor/account"
	"kontor/account/directory"
	"kontor/calendar"
)

// bankDay is the day for which the bank directory is asked: the day of judgement, or that
// of the directory.
func (o *Options) bankDay() calendar.Date {
	if o.Today.IsZero() && o.Directory != nil {
		return o.Directory.Date()
	}
	return o.Today
}

// otherBank reports whether the directory says that the bank code of an IBAN belongs to
// another bank than a BIC, and names that bank.
func (d *judge) otherBank(iban, bic []byte) (account.BIC, bool) {
	if d.banks == nil || directory.Compare(d.banks, iban, bic, d.bankDay) != directory.Differs {
		return "", false
	}
	return directory.BICOf(d.banks, iban, d.bankDay)
}

// knownBank returns the BIC of the bank that holds an account, if the directory knows it.
func (d *judge) knownBank(iban []byte) (account.BIC, bool) {
	if d.banks == nil {
		return "", false
	}
	return directory.BICOf(d.banks, iban, d.bankDay)
}

// judgeAffiliation compares bank and account of the other party; both are well-formed.
func (d *judge) judgeAffiliation(iban, bic []byte) {
	if !d.on(ruleAffiliation) {
		return
	}
	if !account.SameCountry(iban, bic) {
		d.tellText(ruleAffiliation, d.pay.bicAt, d.bicPath(), bic, "country", string(bic[4:6]), string(iban[:2]))
	} else if of, other := d.otherBank(iban, bic); other {
		d.tellText(ruleAffiliation, d.pay.bicAt, d.bicPath(), bic, "bank", string(of), string(bic))
	}
}

// judgeBank says what the directory knows of the bank of the other party's account.
func (d *judge) judgeBank(iban []byte) {
	_, _, number := d.other()
	if d.on(ruleBankCode) {
		if listed, covered := directory.Listed(d.banks, iban, d.bankDay); covered && !listed {
			d.tellText(ruleBankCode, d.pay.accountAt, number+"/Id/IBAN", iban, "unlisted", string(account.BankCode(iban)), string(iban[:2]))
		}
	}
	if !d.on(ruleUnreachable) || !d.pay.sepa {
		return
	}
	// The account decides; the BIC beside it is asked only where the list lacks the account's bank.
	scheme := d.scheme()
	if of, known := d.knownBank(iban); known {
		if directory.Refuses(d.banks, of, scheme, d.bankDay) {
			d.tellText(ruleUnreachable, d.pay.accountAt, number+"/Id/IBAN", iban, "scheme", string(of), scheme.String())
		}
	} else if bic := d.fields.get(fieldAgent); d.pay.agentBIC && directory.Refuses(d.banks, bic, scheme, d.bankDay) {
		d.tellText(ruleUnreachable, d.pay.bicAt, d.bicPath(), bic, "scheme", string(bic), scheme.String())
	}
}

// scheme is the one by which the other party's bank must be reachable. A direct debit
// that does not say B2B is judged as Core.
func (d *judge) scheme() directory.Reach {
	switch {
	case d.kind == KindCreditTransfer && d.pay.instant:
		return directory.InstantCreditTransfer
	case d.kind == KindCreditTransfer:
		return directory.CreditTransfer
	}
	instrument := d.fields.get(fieldLocalInstrument)
	if len(instrument) == 0 && d.batch.LocalInstrument == "B2B" || string(instrument) == "B2B" {
		return directory.DirectDebitB2B
	}
	return directory.DirectDebitCore
}
