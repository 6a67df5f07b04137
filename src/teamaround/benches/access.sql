-- An area whose cost is its grants. Names in braces are numbers that `access.build` fills in.
delete from service;
delete from principal;
insert into agency (id, slug, name, sector, phone)
  select n, 'agency-' || n, 'Agency ' || n, 'council', '' from generate_series(1, {teams}) n;
insert into principal (id, kind) select n, 'team' from generate_series(1, {teams}) n;
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
  select n, n, 'team-' || n, 'Team ' || n, '', '', '', false, '' from generate_series(1, {teams}) n;
insert into account (id, password, email, is_active)
  select n, '!', 'worker-' || n || '@bench.example', true from generate_series(1, {workers}) n;
insert into principal (id, kind) select {teams} + n, 'practitioner' from generate_series(1, {workers}) n;
insert into practitioner (id, account_id, uuid, name, job_title, phone)
  select {teams} + n, n, gen_random_uuid(), 'Worker ' || n, '', '' from generate_series(1, {workers}) n;
insert into membership (practitioner_id, team_id, role, since)
  select {teams} + n, 1 + (n - 1) % {teams}, 'practitioner', now() - interval '2 years'
  from generate_series(1, {workers}) n;
insert into subject (id, kind) select n, 'person' from generate_series(1, {children}) n;
insert into person (subject_id, uuid, category, author_team_id, recorded_by, changed_by, recorded_at, changed_at,
    version, given, family_name, date_of_birth, born_precision, sex)
  select n, gen_random_uuid(), 'index', 1 + n % {teams}, 1, 1, now(), now(), 1,
    (array[{given}])[1 + (n * 7) % {given_count}], (array[{surnames}])[1 + (n / 3) % {surname_count}]
      || substr(md5((n / 75)::text), 1, 3), date '2009-01-01' + (n * 37) % 5800, 'day', 'U'
  from generate_series(1, {children}) n;
insert into involvement (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, role, since)
  select n, 'index', 1 + (n + k * 131) % {teams}, 1, 1, 1, gen_random_uuid(), 'worker', current_date - 90
  from generate_series(1, {children}) n cross join generate_series(0, 2) k;
insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, recorded_by, voids)
  select gen_random_uuid(), 'contact.recorded', n, (array['notes','plan','health','notes','assessment'])[k],
    1 + (n + k * 131) % {teams}, now() - make_interval(days => k * 7), 1, false
  from generate_series(1, {children}) n cross join generate_series(1, 5) k;
insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
  select subject_id, author_team_id, 'index', tstzrange(now() - interval '90 days', null), 'involvement', id
  from involvement;
insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
  select n, 1 + (n + j * 131) % {teams}, c.category,
    case when (n + j) % 10 = 0 then tstzrange(now() - interval '300 days', now() - interval '10 days')
         else tstzrange(now() - interval '60 days', now() + interval '120 days') end, 'consent', n
  from generate_series(1, {children}) n cross join generate_series(0, 2) j
  cross join (values ('notes'), ('plan')) c(category)
