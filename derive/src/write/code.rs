//! Code that is put together: texts that are neighbours become one literal.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

/// Statements, and a text that is to be written after them.
pub(super) struct Code<'a> {
    pub(super) krate: &'a Path,
    statements: TokenStream,
    text: String,
    /// The bracket before the text, where it is a comma if the variable `__any` is true.
    bracket: Option<&'static str>,
}

impl<'a> Code<'a> {
    pub(super) fn new(krate: &'a Path) -> Self {
        Self { krate, statements: TokenStream::new(), text: String::new(), bracket: None }
    }

    /// Writes a text.
    pub(super) fn text(&mut self, text: &str) {
        self.text += text;
    }

    /// Writes a comma if the variable `__any` is true, or else the bracket.
    pub(super) fn comma_or(&mut self, bracket: &'static str) {
        self.flush();
        self.bracket = Some(bracket);
    }

    /// Writes a string. One that needs an escape, in lines perhaps, is left to the writer.
    pub(super) fn string(&mut self, text: &str) {
        let plain = |letter: char| !matches!(letter, '\0'..' ' | '"' | '\\' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if text.chars().all(plain) {
            self.text += "\"";
            self.text += text;
            self.text += "\"";
        } else {
            self.run(quote!(__out.string(#text);));
        }
    }

    /// Runs statements after the text.
    pub(super) fn run(&mut self, statements: TokenStream) {
        self.flush();
        self.statements.extend(statements);
    }

    /// Returns all of it, with an expression at the end.
    pub(super) fn end(mut self, value: TokenStream) -> TokenStream {
        self.flush();
        self.statements.extend(value);
        self.statements
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let statement = match self.bracket.take() {
            Some(bracket) => {
                let comma = self.literal(&format!(",{text}"));
                let bracket = self.literal(&format!("{bracket}{text}"));
                quote!(if __any { #comma } else { #bracket })
            }
            None if text.is_empty() => return,
            None => self.literal(&text),
        };
        self.statements.extend(statement);
    }

    fn literal(&self, text: &str) -> TokenStream {
        let krate = self.krate;
        quote!(__out.literal(const { &#krate::__private::Literal::new(#text) });)
    }
}
