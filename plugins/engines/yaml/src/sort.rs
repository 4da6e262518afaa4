use std::cmp::Ordering;

/// The order in which go-yaml prints keys: letters after everything else, runs of digits by their number.
pub fn compare_keys(a: &str, b: &str) -> Ordering {
    if let Some(order) = compare_ascii_words(a, b) {
        return order;
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    for index in 0..a.len().min(b.len()) {
        if a[index] != b[index] {
            return differ(&a, &b, index);
        }
    }
    a.len().cmp(&b.len())
}

/// The usual case without allocation: the first difference is between two ASCII letters, or one key starts the other.
fn compare_ascii_words(a: &str, b: &str) -> Option<Ordering> {
    for (x, y) in a.bytes().zip(b.bytes()) {
        if x == y && x.is_ascii() {
            continue;
        }
        return (x.is_ascii_alphabetic() && y.is_ascii_alphabetic()).then(|| x.cmp(&y));
    }
    Some(a.len().cmp(&b.len()))
}

fn differ(a: &[char], b: &[char], at: usize) -> Ordering {
    let (x, y) = (a[at], b[at]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero that continues a number counts as a digit of it, not as a leading zero.
    let inside = (x == '0' || y == '0') && a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
    let (a_number, a_end) = number(a, at, inside);
    let (b_number, b_end) = number(b, at, inside);
    a_number.cmp(&b_number).then(a_end.cmp(&b_end)).then(x.cmp(&y))
}

fn number(text: &[char], at: usize, inside: bool) -> (i64, usize) {
    let mut value = i64::from(inside);
    let mut end = at;
    while let Some(digit) = text.get(end).and_then(|c| c.to_digit(10)) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        end += 1;
    }
    (value, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order() {
        let mut keys =
            vec!["a10", "a2", "b", "B", "a", "a-b", "ab", "1", "a.b", "10", "9", "app.kubernetes.io/name", "app"];
        keys.sort_by(|a, b| compare_keys(a, b));
        let expected =
            ["1", "9", "10", "B", "a", "a-b", "a.b", "a2", "a10", "ab", "app", "app.kubernetes.io/name", "b"];
        assert_eq!(keys, expected);
    }
}
