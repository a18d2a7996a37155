@{
    What a site wants of the packager beyond the options of spma: aliases, holds and policy.

    This makes the component "yumbridge", which is not active: it has settings, and whichever component has
    'ncm-module' = 'yumbridge' reads them. For a site that keeps the name "spma", that is

        include 'components/spma/config';
        include 'components/yumbridge/config';
        '/software/components/spma/ncm-module' = 'yumbridge';

    With components/packager/config the last line is not needed. Where the component "spma" is in the profile, it is
    run again when these settings change.
}
unique template components/yumbridge/config;

include 'components/yumbridge/schema';

bind '/software/components/yumbridge' = component_yumbridge;

prefix '/software/components/yumbridge';
'active' ?= false;
'dispatch' ?= false;

'/software/components' = {
    if (is_defined(SELF['spma'])) {
        if (!is_defined(SELF['spma']['register_change'])) {
            SELF['spma']['register_change'] = list();
        };
        if (index('/software/components/yumbridge', SELF['spma']['register_change']) < 0) {
            SELF['spma']['register_change'] = append(
                SELF['spma']['register_change'], '/software/components/yumbridge'
            );
        };
    };
    SELF;
};
