package pain

// A role says what the reader does with an element; elements without one are only
// checked for their place.
type role uint8

const (
	roleNone role = iota
	// group header
	roleMessageID
	roleCreationDateTime
	roleGroupCount
	roleGroupSum
	roleInitiatingParty
	// payment information
	roleBatch
	roleBatchID
	roleMethod
	roleBatchCount
	roleBatchSum
	roleServiceLevel
	roleLocalInstrument
	roleBatchSequence
	roleExecutionDate
	roleExecutionDateTime
	roleCollectionDate
	roleOwner // whose account the batch moves: the debtor of a credit transfer, the creditor of a direct debit
	roleOwnerName
	roleOwnerIBAN
	roleOwnerOther
	roleOwnerOtherID
	roleOwnerCurrency
	roleOwnerBIC
	roleBatchScheme
	roleBatchSchemeID
	roleBatchSchemeName
	// transaction
	rolePayment
	rolePaymentServiceLevel
	rolePaymentLocalInstrument
	rolePaymentSequence
	roleInstructionID
	roleEndToEndID
	roleAmount
	roleEquivalentAmount
	roleMandate
	roleMandateID
	roleSignatureDate
	roleAmendmentIndicator
	roleAmendment
	rolePaymentScheme
	rolePaymentSchemeID
	rolePaymentSchemeName
	roleCounterpartyBIC
	roleCounterparty // the creditor of a credit transfer, the debtor of a direct debit
	roleCounterpartyName
	roleCounterpartyAccount
	roleCounterpartyIBAN
	roleCounterpartyOther
	roleCounterpartyOtherID
	roleRemittanceText
	roleRemittanceReference
)

// content says what may stand inside an element.
type content uint8

const (
	textOnly content = iota
	sequence         // children in the order listed
	choice           // exactly one child
	open             // children as listed, others are passed over unchecked
	anything         // passed over unchecked: not judged in this step
)

// element is one node of the content model: the part of the schema that the reader
// knows. Occurrence is 0 or 1 at least, and 1 or unbounded at most.
type element struct {
	name     string
	content  content
	role     role
	optional bool
	many     bool
	children []*element
}

func leaf(name string, r role) *element { return &element{name: name, role: r} }

func seq(name string, children ...*element) *element {
	return &element{name: name, content: sequence, children: children}
}

func oneOf(name string, children ...*element) *element {
	return &element{name: name, content: choice, children: children}
}

func lenient(name string, children ...*element) *element {
	return &element{name: name, content: open, children: children}
}

// skip is an optional element whose content this step does not judge.
func skip(name string) *element { return &element{name: name, content: anything, optional: true} }

func (e *element) as(r role) *element   { e.role = r; return e }
func (e *element) maybe() *element      { e.optional = true; return e }
func (e *element) repeatable() *element { e.many = true; return e }

// version names a message version and what differs between those read here.
type version struct {
	name        string // "pain.001.001.09"
	namespace   string
	kind        Kind
	bic         string // element name of a BIC
	modern      bool   // pain.001 .09, pain.008 .08: DtTm choice, UETR, LEI, Prxy, SplmtryData, wider BIC form
	transaction string // element name of a transaction
	method      string // the only PmtMtd
	document    *element
}

// namespacePrefix begins the namespace of every ISO 20022 message.
const namespacePrefix = "urn:iso:std:iso:20022:tech:xsd:"

// versions are the message versions that Read reads: ISO schemas pain.001.001.03
// (CustomerCreditTransferInitiationV03) and .09 (V09), pain.008.001.02
// (CustomerDirectDebitInitiationV02) and .08 (V08). National subsets in these
// namespaces (GBIC, SPS, PSA) only restrict them.
var versions = []*version{
	newVersion(KindCreditTransfer, "pain.001.001.03", classicBIC),
	newVersion(KindCreditTransfer, "pain.001.001.09", modernBIC),
	newVersion(KindDirectDebit, "pain.008.001.02", classicBIC),
	newVersion(KindDirectDebit, "pain.008.001.08", modernBIC),
}

// The element names of a BIC tell the two generations of messages apart.
const (
	classicBIC = "BIC"
	modernBIC  = "BICFI"
)

func newVersion(kind Kind, name, bic string) *version {
	v := &version{name: name, namespace: namespacePrefix + name, kind: kind, bic: bic, modern: bic == modernBIC}
	var initiation *element
	switch kind {
	case KindCreditTransfer:
		v.transaction, v.method = "CdtTrfTxInf", "TRF"
		initiation = seq("CstmrCdtTrfInitn", v.groupHeader(), v.creditTransfers())
	case KindDirectDebit:
		v.transaction, v.method = "DrctDbtTxInf", "DD"
		initiation = seq("CstmrDrctDbtInitn", v.groupHeader(), v.directDebits())
	}
	v.addIfModern(initiation, skip("SplmtryData").repeatable())
	v.document = seq("Document", initiation)
	return v
}

func (v *version) addIfModern(e *element, child *element) {
	if v.modern {
		e.children = append(e.children, child)
	}
}

func (v *version) groupHeader() *element {
	return seq("GrpHdr",
		leaf("MsgId", roleMessageID),
		leaf("CreDtTm", roleCreationDateTime),
		skip("Authstn").repeatable(),
		leaf("NbOfTxs", roleGroupCount),
		leaf("CtrlSum", roleGroupSum).maybe(),
		v.party("InitgPty", roleInitiatingParty),
		skip("FwdgAgt"),
	)
}

// creditTransfers is the PmtInf of a pain.001.
func (v *version) creditTransfers() *element {
	date := leaf("ReqdExctnDt", roleExecutionDate)
	if v.modern {
		date = oneOf("ReqdExctnDt", leaf("Dt", roleExecutionDate), leaf("DtTm", roleExecutionDateTime))
	}
	e := seq("PmtInf",
		leaf("PmtInfId", roleBatchID),
		leaf("PmtMtd", roleMethod),
		leaf("BtchBookg", roleNone).maybe(),
		leaf("NbOfTxs", roleBatchCount).maybe(),
		leaf("CtrlSum", roleBatchSum).maybe(),
		v.paymentType(roleServiceLevel, roleLocalInstrument),
		date,
		leaf("PoolgAdjstmntDt", roleNone).maybe(),
		v.party("Dbtr", roleOwnerName).as(roleOwner),
		v.ownAccount("DbtrAcct"),
		v.agent("DbtrAgt", roleOwnerBIC),
		skip("DbtrAgtAcct"),
	)
	v.addIfModern(e, skip("InstrForDbtrAgt"))
	e.children = append(e.children,
		skip("UltmtDbtr"),
		leaf("ChrgBr", roleNone).maybe(),
		skip("ChrgsAcct"),
		skip("ChrgsAcctAgt"),
		v.creditTransfer(),
	)
	return e.as(roleBatch).repeatable()
}

func (v *version) creditTransfer() *element {
	e := seq(v.transaction,
		v.paymentID(),
		v.paymentType(rolePaymentServiceLevel, rolePaymentLocalInstrument),
		oneOf("Amt", leaf("InstdAmt", roleAmount), lenient("EqvtAmt").as(roleEquivalentAmount)),
		skip("XchgRateInf"),
		leaf("ChrgBr", roleNone).maybe(),
		skip("ChqInstr"),
		skip("UltmtDbtr"),
		skip("IntrmyAgt1"), skip("IntrmyAgt1Acct"), skip("IntrmyAgt2"), skip("IntrmyAgt2Acct"), skip("IntrmyAgt3"), skip("IntrmyAgt3Acct"),
		v.agent("CdtrAgt", roleCounterpartyBIC).maybe(),
		skip("CdtrAgtAcct"),
		v.party("Cdtr", roleCounterpartyName).as(roleCounterparty).maybe(),
		v.counterpartyAccount("CdtrAcct").maybe(),
		skip("UltmtCdtr"),
		skip("InstrForCdtrAgt").repeatable(),
		skip("InstrForDbtrAgt"),
		skip("Purp"),
		skip("RgltryRptg").repeatable(),
		skip("Tax"),
		skip("RltdRmtInf").repeatable(),
		remittance(),
	)
	v.addIfModern(e, skip("SplmtryData").repeatable())
	return e.as(rolePayment).repeatable()
}

func (v *version) paymentID() *element {
	id := seq("PmtId", leaf("InstrId", roleInstructionID).maybe(), leaf("EndToEndId", roleEndToEndID))
	v.addIfModern(id, leaf("UETR", roleNone).maybe())
	return id
}

func remittance() *element {
	return seq("RmtInf",
		leaf("Ustrd", roleRemittanceText).maybe().repeatable(),
		lenient("Strd", lenient("CdtrRefInf", leaf("Ref", roleRemittanceReference).maybe()).maybe()).maybe().repeatable(),
	).maybe()
}

// paymentType is PmtTpInf; a direct debit has SeqTp in it besides.
func (v *version) paymentType(service, instrument role, sequenceType ...*element) *element {
	level := oneOf("SvcLvl", leaf("Cd", service), leaf("Prtry", service)).maybe()
	if v.modern {
		level.repeatable()
	}
	e := seq("PmtTpInf",
		leaf("InstrPrty", roleNone).maybe(),
		level,
		oneOf("LclInstrm", leaf("Cd", instrument), leaf("Prtry", instrument)).maybe(),
	)
	e.children = append(e.children, sequenceType...)
	e.children = append(e.children, oneOf("CtgyPurp", leaf("Cd", roleNone), leaf("Prtry", roleNone)).maybe())
	return e.maybe()
}

func (v *version) party(name string, r role) *element {
	return seq(name, leaf("Nm", r).maybe(), skip("PstlAdr"), skip("Id"), leaf("CtryOfRes", roleNone).maybe(), skip("CtctDtls"))
}

func (v *version) ownAccount(name string) *element {
	return v.account(name, roleOwnerIBAN, roleOwnerOther, roleOwnerOtherID, roleOwnerCurrency)
}

func (v *version) counterpartyAccount(name string) *element {
	return v.account(name, roleCounterpartyIBAN, roleCounterpartyOther, roleCounterpartyOtherID, roleNone).as(roleCounterpartyAccount)
}

func (v *version) account(name string, iban, other, otherID, currency role) *element {
	e := seq(name,
		oneOf("Id", leaf("IBAN", iban), lenient("Othr", leaf("Id", otherID)).as(other)),
		skip("Tp"),
		leaf("Ccy", currency).maybe(),
		leaf("Nm", roleNone).maybe(),
	)
	v.addIfModern(e, skip("Prxy"))
	return e
}

func (v *version) agent(name string, bic role) *element {
	institution := seq("FinInstnId", leaf(v.bic, bic).maybe(), skip("ClrSysMmbId"))
	v.addIfModern(institution, leaf("LEI", roleNone).maybe())
	institution.children = append(institution.children, leaf("Nm", roleNone).maybe(), skip("PstlAdr"), skip("Othr"))
	return seq(name, institution, skip("BrnchId"))
}
