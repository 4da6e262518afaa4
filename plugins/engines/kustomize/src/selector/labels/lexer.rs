/// A word or sign of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Close,
    Comma,
    Not,
    /// `=` or `==`.
    Equal,
    Greater,
    In,
    Less,
    NotEqual,
    NotIn,
    Open,
    Word(String),
    /// Signs that mean nothing together.
    Unknown(String),
}

impl Token {
    /// Whether it can be a name: the operators `in` and `notin` can, too.
    pub(super) fn is_word(&self) -> bool {
        matches!(self, Token::Word(_) | Token::In | Token::NotIn)
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Token::End => "",
            Token::Close => ")",
            Token::Comma => ",",
            Token::Not => "!",
            Token::Equal => "=",
            Token::Greater => ">",
            Token::In => "in",
            Token::Less => "<",
            Token::NotEqual => "!=",
            Token::NotIn => "notin",
            Token::Open => "(",
            Token::Word(text) | Token::Unknown(text) => text,
        }
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// All tokens of a selector, with the end.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while let Some(first) = rest.chars().next() {
        let token = if is_sign(first) {
            let two = rest.get(..2).and_then(sign);
            let (token, length) = two.map_or((sign(&rest[..1]), 1), |token| (Some(token), 2));
            let token = token.unwrap_or_else(|| Token::Unknown(rest[..length].to_owned()));
            rest = &rest[length..];
            token
        } else {
            let end = rest.find(|c| is_sign(c) || is_blank(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = &rest[end..];
            match word {
                "in" => Token::In,
                "notin" => Token::NotIn,
                word => Token::Word(word.to_owned()),
            }
        };
        tokens.push(token);
        rest = rest.trim_start_matches(is_blank);
    }
    tokens.push(Token::End);
    tokens
}

fn sign(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::Close,
        "," => Token::Comma,
        "!" => Token::Not,
        "=" | "==" => Token::Equal,
        ">" => Token::Greater,
        "<" => Token::Less,
        "!=" => Token::NotEqual,
        "(" => Token::Open,
        _ => return None,
    })
}
