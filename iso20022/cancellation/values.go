package cancellation

import "kontor/iso20022/internal/walk"

// The set functions take the value of an element that ends, by its path below the thing
// that is filled; a path that is not known costs nothing.

func (a *Assignment) set(path []byte, c *walk.Cursor) {
	switch string(path) {
	case "Id":
		a.ID = c.Value()
	case "CreDtTm":
		a.CreationDateTime = c.Value()
	default:
		if below, ok := cut(path, "Assgnr/"); ok {
			a.Assigner.setChoice(below, c)
		} else if below, ok = cut(path, "Assgne/"); ok {
			a.Assignee.setChoice(below, c)
		}
	}
}

func (k *Case) set(path []byte, c *walk.Cursor) {
	switch string(path) {
	case "Id":
		k.ID = c.Value()
	case "ReopCaseIndctn":
		k.Reopened = indicator(c.Value())
	default:
		if below, ok := cut(path, "Cretr/"); ok {
			k.Creator.setChoice(below, c)
		}
	}
}

// setChoice takes a value below Pty or Agt.
func (p *Party) setChoice(path []byte, c *walk.Cursor) {
	if below, ok := cut(path, "Pty/"); ok {
		p.set(below, c)
		return
	}
	below, ok := cut(path, "Agt/FinInstnId")
	if !ok {
		return
	}
	p.Agent = true
	switch string(below) {
	case "/BICFI", "/BIC":
		p.BIC = c.Value()
	case "/Nm":
		p.Name = c.Value()
	case "/Othr/Id":
		p.identify(c)
	}
}

// set takes a value of somebody who is no agent.
func (p *Party) set(path []byte, c *walk.Cursor) {
	switch string(path) {
	case "Nm":
		p.Name = c.Value()
	case "Id/OrgId/AnyBIC", "Id/OrgId/BICOrBEI":
		p.BIC = c.Value()
	case "Id/OrgId/Othr/Id", "Id/PrvtId/Othr/Id":
		p.identify(c)
	}
}

func (p *Party) identify(c *walk.Cursor) {
	if p.Identification == "" {
		p.Identification = c.Value()
	}
}

func (o *OriginalMessage) set(path []byte, c *walk.Cursor) {
	switch string(path) {
	case "OrgnlMsgId":
		o.ID = c.Value()
	case "OrgnlMsgNmId":
		o.Name = c.Value()
	case "OrgnlCreDtTm":
		o.CreationDateTime = c.Value()
	}
}

// set takes a value of the reason, a text of additional information only if there is
// room. It returns the bytes kept.
func (r *Reason) set(path []byte, c *walk.Cursor, room bool) int {
	switch string(path) {
	case "Rsn/Cd":
		r.Code = c.Value()
		return len(r.Code)
	case "Rsn/Prtry":
		r.Proprietary = c.Value()
		return len(r.Proprietary)
	case "AddtlInf":
		text := c.Value()
		if !room || text == "" {
			return 0
		}
		r.AdditionalInformation = append(r.AdditionalInformation, text)
		return textCost + len(text)
	}
	if below, ok := cut(path, "Orgtr/"); ok {
		r.Originator.set(below, c)
		return len(r.Originator.Name)
	}
	return 0
}

// textCost is what a text in a list costs beside its bytes.
const textCost = 16

func (o *OriginalTransaction) set(v leaf) {
	switch string(v.path) {
	case "OrgnlInstrId":
		o.InstructionID = v.Value()
	case "OrgnlEndToEndId":
		o.EndToEndID = v.Value()
	case "OrgnlUETR", "UETR":
		o.UETR = v.Value()
	case "OrgnlInstdAmt":
		o.Amount, o.Currency = v.Value(), v.currency
	case "OrgnlReqdExctnDt", "OrgnlReqdExctnDt/Dt", "OrgnlReqdExctnDt/DtTm": // the first in older versions
		keep(&o.RequestedExecutionDate, v)
	case "OrgnlReqdColltnDt":
		o.RequestedCollectionDate = v.Value()
	default:
		if below, ok := cut(v.path, "OrgnlTxRef/"); ok {
			o.setReference(string(below), v)
		}
	}
}

// setReference takes a value of OrgnlTxRef; what the transaction itself says, it says
// before.
func (o *OriginalTransaction) setReference(path string, v leaf) {
	switch path {
	case "Amt/InstdAmt":
		if o.Amount == "" {
			o.Amount, o.Currency = v.Value(), v.currency
		}
	case "ReqdExctnDt", "ReqdExctnDt/Dt", "ReqdExctnDt/DtTm":
		if o.RequestedExecutionDate == "" {
			keep(&o.RequestedExecutionDate, v)
		}
	case "ReqdColltnDt":
		if o.RequestedCollectionDate == "" {
			o.RequestedCollectionDate = v.Value()
		}
	case "MndtRltdInf/MndtId", "MndtRltdInf/DrctDbtMndt/MndtId": // the first in older versions
		o.MandateID = v.Value()
	case "DbtrAcct/Id/IBAN", "DbtrAcct/Id/Othr/Id":
		o.DebtorAccount = v.Value()
	case "CdtrAcct/Id/IBAN", "CdtrAcct/Id/Othr/Id":
		o.CreditorAccount = v.Value()
	}
}

// keep takes a value unless the element only encloses the one that has it.
func keep(field *string, v leaf) {
	if text := v.Value(); text != "" {
		*field = text
	}
}
