package ollamaserver_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// The texts are the beginnings of those that servers tell.
func TestLicencesAreRecognised(t *testing.T) {
	for _, c := range []struct {
		text, name string
		terms      ollamaserver.Terms
	}{
		{"                                 Apache License\n                           Version 2.0, January 2004", "Apache-2.0", ollamaserver.Free},
		{"MIT License\n\nCopyright (c) Microsoft Corporation.", "MIT", ollamaserver.Free},
		{"Microsoft.\nCopyright (c) Microsoft Corporation.\n\nMIT License\n\nPermission is hereby granted, free of charge, to any person", "MIT", ollamaserver.Free},
		{"Copyright 2024\nRedistribution and use in source and binary forms, with or without modification", "BSD", ollamaserver.Free},
		{"LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\nLlama 3.2 Version Release Date: September 25, 2024", "Llama Community License", ollamaserver.Conditions},
		{"Gemma Terms of Use \n\nLast modified: February 21, 2024\n\nBy using, reproducing", "Gemma Terms of Use", ollamaserver.Conditions},
		{"Tongyi Qianwen LICENSE AGREEMENT\n\nTongyi Qianwen Release Date: August 3, 2023", "Qwen License", ollamaserver.Conditions},
		{"Qwen RESEARCH LICENSE AGREEMENT\n\nQwen RESEARCH LICENSE AGREEMENT Release Date: September 19, 2024", "non-commercial or research licence", ollamaserver.NonCommercial},
		{"Creative Commons Attribution-NonCommercial 4.0 International Public License", "non-commercial or research licence", ollamaserver.NonCommercial},
		{"CC-BY-NC-4.0", "non-commercial or research licence", ollamaserver.NonCommercial},
		{"# Mistral AI Research License\n\nIf You want to use a Mistral Model", "non-commercial or research licence", ollamaserver.NonCommercial},
		{"Creative Commons Attribution 4.0 International", "CC-BY-4.0", ollamaserver.Free},
		{"DEEPSEEK LICENSE AGREEMENT\n\nVersion 1.0, 23 October 2023", "licence with restrictions on use", ollamaserver.Conditions},
		{"", "", ollamaserver.Unknown},
		{"All rights\x1b[31m reserved by Kopi Corner, of whom nobody has heard before", "All rights[31m reserved by Kopi Corner,…", ollamaserver.Unknown},
	} {
		got := ollamaserver.LicenceOf(c.text)
		if got.Name != c.name || got.Terms != c.terms || (got.Note == "") != (c.terms == ollamaserver.Free && got.Name != "CC-BY-4.0") {
			t.Errorf("%.40q: %+v, want %s (%s)", c.text, got, c.name, c.terms)
		}
	}
}

// A licence is told by its beginning: what it says of others further on does
// not count.
func TestTheBeginningTellsTheLicence(t *testing.T) {
	text := "Apache License\nVersion 2.0\n" + strings.Repeat("terms and conditions of use ", 100) + "non-commercial"
	if got := ollamaserver.LicenceOf(text); got.Terms != ollamaserver.Free {
		t.Errorf("%+v", got)
	}
}
