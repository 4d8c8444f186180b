package pain

import (
	"maps"
	"slices"
	"time"

	"kontor/calendar"
	"kontor/finding"
)

// ProfileID names the practice by which a message is judged: schema, rules, severities.
type ProfileID string

// The profiles. ProfileDetect asks Read to find the profile in the document.
const (
	ProfileDetect ProfileID = ""
	ProfileISO    ProfileID = "iso"       // ISO 20022 as it is: no scheme's rules
	ProfileEPC    ProfileID = "epc"       // SEPA rule books over the ISO schemas, as in the Netherlands or France
	ProfileDK     ProfileID = "dk"        // German banks: GBIC_5, GBIC_3 for the versions of 2009, and the formats before
	ProfileDK4    ProfileID = "dk-gbic-4" // German banks until November 2026: direct debits by GBIC_4
	ProfileDKAXZ  ProfileID = "dk-axz"    // German banks: payments abroad and in other currencies (order type AXZ)
	ProfileSPS    ProfileID = "sps"       // Swiss Payment Standards, with Liechtenstein
	ProfilePSA    ProfileID = "psa"       // Austria
	ProfileSE     ProfileID = "se"        // Sweden: ISO schemas, SEPA rules for payments with that service level
)

// sepaMode says which payments of a profile are SEPA payments.
type sepaMode uint8

const (
	sepaNone   sepaMode = iota
	sepaMarked          // those with the service level SEPA; outside Switzerland all direct debits
	sepaAll             // those without another service level; all direct debits
)

// Profile describes a practice. The caller owns Policy.
type Profile struct {
	ID     ProfileID
	Name   string // in English
	Policy finding.Policy

	sepa    sepaMode
	swiss   bool // payments have the types of SPS
	schemas map[string]string
}

// Schemas returns, by message, the core schema of package xsd that the profile uses.
// The caller owns the map.
func (p *Profile) Schemas() map[string]string { return maps.Clone(p.schemas) }

// isoSchemas are the messages of ISO 20022 that are read, by name.
var isoSchemas = map[string]string{
	"pain.001.001.03": "pain.001.001.03", "pain.001.001.09": "pain.001.001.09", "pain.001.001.10": "pain.001.001.10_1", "pain.001.001.13": "pain.001.001.13",
	"pain.008.001.02": "pain.008.001.02", "pain.008.001.08": "pain.008.001.08", "pain.008.001.09": "pain.008.001.09", "pain.008.001.12": "pain.008.001.12",
}

var germanSchemas = map[string]string{
	"pain.001.001.09": "pain.001.001.09_GBIC_5", "pain.008.001.08": "pain.008.001.08_GBIC_5",
	"pain.001.001.03": "pain.001.001.03_GBIC_3", "pain.008.001.02": "pain.008.001.02_GBIC_3",
	"pain.001.002.03": "pain.001.002.03", "pain.001.003.03": "pain.001.003.03", "pain.008.002.02": "pain.008.002.02", "pain.008.003.02": "pain.008.003.02",
}

// withGBIC4 is germanSchemas with the direct debits of GBIC_4.
func withGBIC4() map[string]string {
	m := maps.Clone(germanSchemas)
	m["pain.008.001.08"] = "pain.008.001.08_GBIC_4"
	return m
}

// profiles in the order in which they are listed.
var profiles = []Profile{
	{ID: ProfileISO, Name: "ISO 20022", sepa: sepaNone, schemas: isoSchemas, Policy: isoPolicy},
	{ID: ProfileEPC, Name: "SEPA (EPC)", sepa: sepaAll, schemas: isoSchemas, Policy: finding.Policy{CodeMandateBlank: finding.Off, CodeCategoryPurpose: finding.Off}},
	{ID: ProfileDK, Name: "Germany (DK, GBIC_5)", sepa: sepaAll, schemas: germanSchemas, Policy: germanPolicy},
	{ID: ProfileDK4, Name: "Germany (DK, GBIC_4)", sepa: sepaAll, schemas: withGBIC4(), Policy: germanPolicy},
	{ID: ProfileDKAXZ, Name: "Germany, payments abroad (DK, AXZ)", sepa: sepaNone, Policy: abroadPolicy(),
		schemas: map[string]string{"pain.001.001.09": "pain.001.001.09"}},
	{ID: ProfileSPS, Name: "Switzerland and Liechtenstein (SPS)", sepa: sepaMarked, swiss: true, Policy: finding.Policy{
		CodeInitiatingParty: finding.Error, CodeByteOrderMark: finding.Error, CodeCDATA: finding.Error, CodeEmptyElement: finding.Error, CodeReferenceBlank: finding.Error,
		CodePaymentMethod: finding.Warning, CodeMandateBlank: finding.Off, CodeCategoryPurpose: finding.Off, CodeBothLevels: finding.Off},
		schemas: map[string]string{"pain.001.001.09": "pain.001.001.09.ch.03", "pain.008.001.02.chsdd.02": "pain.008.001.02.chsdd.02"}},
	{ID: ProfilePSA, Name: "Austria (PSA)", sepa: sepaAll, Policy: finding.Policy{CodeMandateBlank: finding.Off, CodeCategoryPurpose: finding.Off, CodeOneScheme: finding.Error},
		schemas: map[string]string{"pain.001.001.03": "pain.001.001.03.at.004", "pain.001.001.09": "pain.001.001.09.at.005", "pain.008.001.02": "pain.008.001.02.at.004", "pain.008.001.08": "pain.008.001.08.at.004"}},
	{ID: ProfileSE, Name: "Sweden", sepa: sepaMarked, schemas: isoSchemas, Policy: finding.Policy{CodeReference: finding.Warning, CodeReferenceSlashes: finding.Warning, CodeMandateBlank: finding.Off, CodeCategoryPurpose: finding.Off, CodeBothLevels: finding.Off}},
}

// isoPolicy switches off what only schemes and countries ask for.
var isoPolicy = finding.Policy{
	CodeReference: finding.Off, CodeReferenceSlashes: finding.Off, CodeReferenceBlank: finding.Off, CodeMandateBlank: finding.Off, CodeByteOrderMark: finding.Off, CodeBothLevels: finding.Off,
	CodeCategoryPurpose: finding.Off, CodeInstant: finding.Off, CodePartyID: finding.Warning, CodeAddress: finding.Off, CodePaymentMethod: finding.Warning, CodeTimeOfDay: finding.Off,
	CodeLocalInstrument: finding.Off, CodeServiceLevel: finding.Off, CodeSequenceType: finding.Off, CodeCreditorScheme: finding.Off, CodeCreditorID: finding.Off, CodeMandate: finding.Off,
	CodeAmendment: finding.Off, CodeHomogeneous: finding.Off, CodeSignatureDate: finding.Off, CodeUnstructuredAddress: finding.Off,
}

// abroadPolicy is isoPolicy with what German banks say of AXZ. There is no public schema
// for it: the one of ISO is used.
func abroadPolicy() finding.Policy {
	m := maps.Clone(isoPolicy)
	m[CodeByteOrderMark], m[CodeUnstructuredAddress] = finding.Error, finding.Warning
	return m
}

var germanPolicy = finding.Policy{CodeInitiatingParty: finding.Warning, CodeByteOrderMark: finding.Error, CodeOneScheme: finding.Error}

// Profiles returns the profiles. The caller owns the slice, not the policies in it.
func Profiles() []Profile { return slices.Clone(profiles) }

// LookupProfile finds a profile; ProfileDetect is none.
func LookupProfile(id ProfileID) (*Profile, bool) {
	i := slices.IndexFunc(profiles, func(p Profile) bool { return p.ID == id })
	if i < 0 {
		return nil, false
	}
	return &profiles[i], true
}

// life is the time in which banks take a format. A zero date is open.
type life struct{ from, until calendar.Date }

// lives are known ends and beginnings, by core schema: DK Anlage 3 V3.9 (GBIC_5 from
// 2025-10-05; the versions of 2009 and GBIC_4 until November 2026), the German formats
// of 2010 and 2012 (until their successors of November 2016), and the ISO versions of
// 2009, which EPC and SPS leave at the same time.
var lives = map[string]life{
	"pain.001.001.09_GBIC_5": {from: day(2025, 10, 5)},
	"pain.008.001.08_GBIC_5": {from: day(2025, 10, 5)},
	"pain.008.001.08_GBIC_4": {until: day(2026, 11, 15)},
	"pain.001.001.03_GBIC_3": {until: day(2026, 11, 15)},
	"pain.008.001.02_GBIC_3": {until: day(2026, 11, 15)},
	"pain.001.001.03":        {until: day(2026, 11, 15)},
	"pain.008.001.02":        {until: day(2026, 11, 15)},
	"pain.001.001.03.at.004": {until: day(2026, 11, 15)},
	"pain.008.001.02.at.004": {until: day(2026, 11, 15)},
	"pain.001.002.03":        {until: day(2016, 11, 20)},
	"pain.001.003.03":        {until: day(2016, 11, 20)},
	"pain.008.002.02":        {until: day(2016, 11, 20)},
	"pain.008.003.02":        {until: day(2016, 11, 20)},
}

// structuredFrom is the first day on which addresses need a town and a country.
var structuredFrom = day(2026, 11, 15)

func day(y, m, d int) calendar.Date { return calendar.Date{Year: y, Month: time.Month(m), Day: d} }
