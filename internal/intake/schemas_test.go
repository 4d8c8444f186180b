package intake_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store/storetest"
)

// houseSchema is an invented schema of the messages of this test, in which message ids begin with HOUSE.
func houseSchema(namespace string) *fstest.MapFile {
	text := strings.ReplaceAll(`<xs:schema xmlns="$" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="$" elementFormDefault="qualified">
<xs:element name="Document" type="Document"/>
<xs:complexType name="Document"><xs:sequence><xs:element name="CstmrCdtTrfInitn" type="Initiation"/></xs:sequence></xs:complexType>
<xs:complexType name="Initiation"><xs:sequence><xs:element name="GrpHdr" type="Header"/><xs:element name="PmtInf" type="Batch" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
<xs:complexType name="Header"><xs:sequence><xs:element name="MsgId" type="HouseID"/><xs:element name="CreDtTm" type="xs:dateTime"/><xs:element name="NbOfTxs" type="xs:string"/><xs:element name="CtrlSum" type="xs:decimal"/><xs:element name="InitgPty" type="Party"/></xs:sequence></xs:complexType>
<xs:simpleType name="HouseID"><xs:restriction base="xs:string"><xs:pattern value="HOUSE-[0-9]+"/></xs:restriction></xs:simpleType>
<xs:complexType name="Party"><xs:sequence><xs:element name="Nm" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Batch"><xs:sequence><xs:element name="PmtInfId" type="xs:string"/><xs:element name="PmtMtd" type="xs:string"/><xs:element name="NbOfTxs" type="xs:string"/><xs:element name="CtrlSum" type="xs:decimal"/><xs:element name="ReqdExctnDt" type="Day"/><xs:element name="Dbtr" type="Party"/><xs:element name="DbtrAcct" type="Account"/><xs:element name="DbtrAgt" type="Agent"/><xs:element name="CdtTrfTxInf" type="Transfer" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
<xs:complexType name="Day"><xs:sequence><xs:element name="Dt" type="xs:date"/></xs:sequence></xs:complexType>
<xs:complexType name="Account"><xs:sequence><xs:element name="Id" type="AccountID"/></xs:sequence></xs:complexType>
<xs:complexType name="AccountID"><xs:sequence><xs:element name="IBAN" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Agent"><xs:sequence><xs:element name="FinInstnId" type="Institution"/></xs:sequence></xs:complexType>
<xs:complexType name="Institution"><xs:sequence><xs:element name="BICFI" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Transfer"><xs:sequence><xs:element name="PmtId" type="PaymentID"/><xs:element name="Amt" type="Amount"/><xs:element name="Cdtr" type="Party"/><xs:element name="CdtrAcct" type="Account"/><xs:element name="RmtInf" type="Remittance"/></xs:sequence></xs:complexType>
<xs:complexType name="PaymentID"><xs:sequence><xs:element name="InstrId" type="xs:string"/><xs:element name="EndToEndId" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Amount"><xs:sequence><xs:element name="InstdAmt" type="Money"/></xs:sequence></xs:complexType>
<xs:complexType name="Money"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="Ccy" type="xs:string" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="Remittance"><xs:sequence><xs:element name="Ustrd" type="xs:string"/></xs:sequence></xs:complexType>
</xs:schema>`, "$", namespace)
	return &fstest.MapFile{Data: []byte(text)}
}

const iso09 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

// with gives the desk an intake with schemas of the operator.
func (d *desk) with(folder fstest.MapFS) {
	d.t.Helper()
	schemas, err := intake.LoadSchemas(folder)
	d.Must(err)
	d.Intake = intake.New(intake.Options{Store: d.Store, Jobs: d.jobs, Schemas: schemas})
}

func TestASchemaOfTheOperatorJudges(t *testing.T) {
	elsewhere := "urn:example:house:pain.001"
	moved := func(text string) string { return strings.Replace(text, iso09, elsewhere, 1) }
	same := func(text string) string { return text }
	for _, row := range []struct {
		name   string
		folder fstest.MapFS
		wanted string // by the tenant
		text   func(string) string
		id     string
		want   hub.State // "" = unreadable
	}{
		{"in place of the core schema, kept", fstest.MapFS{"pain.001.001.09_GBIC_5.xsd": houseSchema(iso09)}, "", same, "HOUSE-1", hub.StateQueued},
		{"in place of the core schema, broken", fstest.MapFS{"pain.001.001.09_GBIC_5.xsd": houseSchema(iso09)}, "", same, "MSG-1", hub.StateRejected},
		{"another name, not wanted", fstest.MapFS{"house.xsd": houseSchema(iso09)}, "", same, "MSG-1", hub.StateQueued},
		{"another name, wanted", fstest.MapFS{"house.xsd": houseSchema(iso09)}, "house", same, "MSG-1", hub.StateRejected},
		{"a core schema, wanted", nil, "pain.001.001.09", same, "MSG-1", hub.StateQueued},
		{"wanted for another namespace", fstest.MapFS{"house.xsd": houseSchema(elsewhere)}, "house", same, "MSG-1", hub.StateQueued},
		{"by a namespace of its own, kept", fstest.MapFS{"house.xsd": houseSchema(elsewhere)}, "", moved, "HOUSE-1", hub.StateQueued},
		{"by a namespace of its own, broken", fstest.MapFS{"house.xsd": houseSchema(elsewhere)}, "", moved, "MSG-1", hub.StateRejected},
		{"a namespace without a schema", fstest.MapFS{"house.xsd": houseSchema("urn:example:other")}, "", moved, "HOUSE-1", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			d.verify(hub.Verification{Schema: row.wanted})
			d.with(row.folder)
			file, err := d.submit(row.text(salaries(row.id, 3).String()))
			if row.want == "" {
				if hub.CodeOf(err) != hub.CodeInvalid {
					t.Errorf("error %v", err)
				}
				return
			}
			d.Must(err)
			if file.State != row.want {
				t.Fatalf("file is %s: %+v", file.State, file.Detail.Findings)
			}
			if row.want == hub.StateRejected && (codes(file.Detail.Findings) != "PAIN-A3" || file.Detail.Findings[0].At.Path != "CstmrCdtTrfInitn/GrpHdr/MsgId") {
				t.Errorf("findings %+v", file.Detail.Findings)
			}
			if row.want == hub.StateQueued && (file.Count != 3 || len(d.payments(file.ID)) != 3 || file.Contact != d.contact.ID || d.payments(file.ID)[2].CreditorAccount != storetest.IBAN(1002)) {
				t.Errorf("file %+v", file)
			}
		})
	}
}

// To judge by another schema than the one that the tenant wants would let pass what is not to pass.
func TestAWantedSchemaThatIsMissingStopsTheTenantsFiles(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.verify(hub.Verification{Schema: "house"})
	if _, err := d.submit(salaries("MSG-1", 1).String()); hub.CodeOf(err) != hub.CodeUnavailable || !strings.Contains(hub.MessageOf(err), `"house"`) {
		t.Errorf("error %v", err)
	}
	d.nothingKept()
}

func TestASchemaThatCannotBeUsedIsNamedWithItsLine(t *testing.T) {
	broken := houseSchema(iso09)
	broken.Data = []byte(strings.Replace(string(broken.Data), `type="Header"`, `type="Nowhere"`, 1))
	_, err := intake.LoadSchemas(fstest.MapFS{"good.xsd": houseSchema(iso09), "broken.xsd": broken})
	if err == nil || !strings.Contains(err.Error(), "broken.xsd:4") || strings.Contains(err.Error(), "good.xsd") {
		t.Errorf("error %v", err)
	}
}
