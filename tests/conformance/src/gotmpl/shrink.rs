//! Makes a failing case small: pieces of the template and parts of the data go as long as it still fails.

use super::{Case, Typed};

/// Attempts for one case; each asks Go.
const MAX_ATTEMPTS: usize = 3000;

/// The smallest case found that still `fails`.
pub(crate) fn shrink(mut case: Case, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut attempts = 0;
    let mut attempt = |case: &Case| {
        attempts += 1;
        attempts < MAX_ATTEMPTS && fails(case)
    };
    loop {
        let size = size(&case);
        case = shrink_template(case, &mut attempt);
        case = shrink_data(case, &mut attempt);
        if self::size(&case) == size {
            return case;
        }
    }
}

fn size(case: &Case) -> usize {
    case.template.len() + case.data.to_json().to_string().len()
}

/// Takes out runs of characters, long ones first.
fn shrink_template(mut case: Case, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut length = case.template.chars().count() / 2;
    while length > 0 {
        let mut start = 0;
        loop {
            let chars: Vec<char> = case.template.chars().collect();
            if start + length > chars.len() {
                break;
            }
            let template = chars[..start].iter().chain(&chars[start + length..]).collect();
            let smaller = Case { template, ..case.clone() };
            if fails(&smaller) {
                case = smaller;
            } else {
                start += length.div_ceil(2);
            }
        }
        length /= 2;
    }
    case
}

fn shrink_data(mut case: Case, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut index = 0;
    loop {
        let mut left = index;
        let Some(data) = without(&case.data, &mut left) else {
            return case;
        };
        let smaller = Case { data, ..case.clone() };
        if fails(&smaller) {
            case = smaller;
        } else {
            index += 1;
        }
    }
}

/// The data without one of its parts, counted in order; nothing when there are fewer parts.
fn without(data: &Typed, left: &mut usize) -> Option<Typed> {
    match data {
        Typed::List(elem, Some(items)) => {
            for (index, item) in items.iter().enumerate() {
                let mut items = items.clone();
                if *left == 0 {
                    items.remove(index);
                    return Some(Typed::List(elem, Some(items)));
                }
                *left -= 1;
                if let Some(smaller) = without(item, left) {
                    items[index] = smaller;
                    return Some(Typed::List(elem, Some(items)));
                }
            }
            None
        }
        Typed::Map(elem, Some(items)) => {
            for (key, item) in items {
                let mut items = items.clone();
                if *left == 0 {
                    items.remove(key);
                    return Some(Typed::Map(elem, Some(items)));
                }
                *left -= 1;
                if let Some(smaller) = without(item, left) {
                    items.insert(key.clone(), smaller);
                    return Some(Typed::Map(elem, Some(items)));
                }
            }
            None
        }
        _ => None,
    }
}
