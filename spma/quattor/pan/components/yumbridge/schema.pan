declaration template components/yumbridge/schema;

include 'quattor/types/component';

@{
    Returns true for a dict that has no key but those of a list, else ends the compilation and names the key.
    First argument: the dict. Second argument: the list. Third argument: what the dict is, for the message.
}
function yumbridge_has_only = {
    if (!is_dict(ARGV[0])) {
        error(format('yumbridge: %s: want a dict', ARGV[2]));
    };
    foreach (key; entry; ARGV[0]) {
        if (index(key, ARGV[1]) < 0) {
            error(format('yumbridge: %s: unknown key %s', ARGV[2], key));
        };
    };
    true;
};

@{
    Returns true for a list of one string or more, else ends the compilation.
    First argument: the list. Second argument: what it is, for the message.
}
function yumbridge_is_names = {
    if (!is_list(ARGV[0]) || length(ARGV[0]) == 0) {
        error(format('yumbridge: %s: want a list of names', ARGV[1]));
    };
    foreach (idx; name; ARGV[0]) {
        if (!is_string(name)) {
            error(format('yumbridge: %s: want a list of names', ARGV[1]));
        };
    };
    true;
};

@{
    Returns true for a condition, else ends the compilation. What stands in all_of, any_of and none_of are conditions.
    A command is only for the host's own configuration.
}
function yumbridge_is_condition = {
    condition = ARGV[0];
    yumbridge_has_only(condition, list(
        'all_of', 'any_of', 'none_of', 'boot', 'between', 'days', 'dates', 'timezone', 'max_load', 'logged_in',
        'file_exists', 'minimum_remaining', 'splay',
    ), 'condition');
    if (length(condition) == 0) {
        error('yumbridge: condition: says nothing');
    };
    foreach (key; entry; condition) {
        is_right = if (key == 'all_of' || key == 'any_of' || key == 'none_of') {
            is_list(entry) && length(entry) > 0;
        } else if (key == 'days' || key == 'dates') {
            is_string(entry) || is_list(entry);
        } else if (key == 'boot' || key == 'logged_in') {
            is_boolean(entry);
        } else if (key == 'minimum_remaining' || key == 'splay') {
            is_long(entry) && entry > 0 && entry <= 10080;
        } else if (key == 'max_load') {
            is_number(entry) && entry >= 0;
        } else {
            is_string(entry);
        };
        if (!is_right) {
            error(format('yumbridge: condition: %s is of the wrong kind', key));
        };
        if (key == 'all_of' || key == 'any_of' || key == 'none_of') {
            foreach (idx; part; entry) {
                yumbridge_is_condition(part);
            };
        };
    };
    true;
};

@{
    Returns true for what a hold waits for: "boot", or a condition.
}
function yumbridge_is_until = {
    if (is_string(ARGV[0])) {
        ARGV[0] == 'boot';
    } else {
        yumbridge_is_condition(ARGV[0]);
    };
};

@{
    Returns true for the hosts that a definition of an alias is for. A value may stand without a list around it.
}
function yumbridge_is_when = {
    yumbridge_has_only(ARGV[0], list('os_major', 'arch', 'basearch'), 'when');
    foreach (key; entry; ARGV[0]) {
        values = if (is_list(entry)) { entry; } else { list(entry); };
        foreach (idx; each; values) {
            is_right = if (key == 'os_major') { is_long(each); } else { is_string(each); };
            if (!is_right) {
                error(format('yumbridge: when: %s is of the wrong kind', key));
            };
        };
    };
    true;
};

@{
    Returns true for one definition of an alias, with members either in all_of or in any_of.
}
function yumbridge_is_definition = {
    definition = ARGV[0];
    yumbridge_has_only(definition, list('all_of', 'any_of', 'when', 'why'), 'alias');
    if (is_defined(definition['all_of']) == is_defined(definition['any_of'])) {
        error('yumbridge: alias: want either all_of or any_of');
    };
    foreach (key; entry; definition) {
        if (key == 'when') {
            yumbridge_is_when(entry);
        } else if (key == 'why') {
            if (!is_string(entry)) {
                error('yumbridge: alias: why is of the wrong kind');
            };
        } else {
            yumbridge_is_names(entry, key);
        };
    };
    true;
};

@{
    Returns true for an alias: one definition, or a list of definitions for hosts that have nothing in common.
}
function yumbridge_is_alias = {
    if (is_list(ARGV[0])) {
        if (length(ARGV[0]) == 0) {
            error('yumbridge: alias: has no definition');
        };
        foreach (idx; definition; ARGV[0]) {
            yumbridge_is_definition(definition);
        };
        true;
    } else {
        yumbridge_is_definition(ARGV[0]);
    };
};

@{
    The advisories that break a hold.
}
type yumbridge_exceptions = {
    'severity' ? string[]
    'types' ? string[]
    'advisories' ? string[]
};

@{
    Packages that change only at boot, or only while a condition is true.
}
type yumbridge_hold = {
    'packages' : string[1..]
    'source' ? boolean
    'install' ? boolean
    'until' ? element with yumbridge_is_until(SELF)
    'except' ? yumbridge_exceptions
    'why' ? string
};

@{
    The rules that a plan is made by.
}
type yumbridge_policy = {
    'protected' ? string[]
    'whitelist' ? string[]
    'unwanted' ? string[]
    'weak_deps' ? boolean
    'installonly_limit' ? long(0..) with SELF != 1
    'removal_limit' ? long(0..)
    'allow_vendor_change' ? boolean
    'run_at_boot' ? boolean
    'boot_method' ? string with match(SELF, '^(early|offline)$')
};

@{
    The same keys as in /etc/yumbridge/config.yaml, which these beat.
}
type component_yumbridge = {
    include structure_component
    'aliases' ? element{} with {
        foreach (name; alias; SELF) {
            yumbridge_is_alias(alias);
        };
        true;
    }
    'holds' ? yumbridge_hold[]
    'policy' ? yumbridge_policy
    'store' ? string with match(SELF, '^/')
};
