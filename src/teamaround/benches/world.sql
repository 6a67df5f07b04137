-- An area of any size. Names in braces are numbers and lists that `world.build` fills in.
delete from service;
delete from principal;
insert into agency (id, slug, name, sector, phone)
  select n, 'agency-' || n, 'Agency ' || n, (array['council','school','health','voluntary'])[1 + n % 4], ''
  from generate_series(1, {teams}) n;
insert into principal (id, kind) select n, 'team' from generate_series(1, {teams}) n;
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
  select n, n, 'team-' || n, 'Team ' || n, '', '01632 960100', '', true, 'stockport-families-first'
  from generate_series(1, {teams}) n;
insert into account (id, password, email, is_active) select n, '!', 'worker-' || n || '@bench.example', true
  from generate_series(1, {workers}) n;
insert into principal (id, kind) select {teams} + n, 'practitioner' from generate_series(1, {workers}) n;
insert into practitioner (id, account_id, uuid, name, job_title, phone)
  select {teams} + n, n, gen_random_uuid(), (array[{given}])[1 + n % {given_count}] || ' ' ||
    (array[{surnames}])[1 + n % {surname_count}], 'Worker', '01632 960101' from generate_series(1, {workers}) n;
insert into membership (practitioner_id, team_id, role, since)
  select {teams} + n, 1 + (n - 1) / 5, case (n - 1) % 5 when 0 then 'manager' else 'practitioner' end,
    now() - interval '2 years' from generate_series(1, {workers}) n;
insert into subject (id, kind) select n, 'person' from generate_series(1, {children}) n;
insert into person (subject_id, uuid, category, author_team_id, recorded_by, changed_by, recorded_at, changed_at, version,
    given, family_name, date_of_birth, born_precision, sex)
  select n, gen_random_uuid(), 'index', 1 + (n - 1) / {caseload}, 1, 1, now(), now(), 1,
    (array[{given}])[1 + (n * 7) % {given_count}], (array[{surnames}])[1 + (n / 3) % {surname_count}] ||
      (array['', 'son', 'ley', 'ton', 'by', 'ford', 'wick', 'ham'])[1 + (n / 75) % 8],
    date '2009-01-01' + (n * 37) % 5800, 'day', (array['F','M','U'])[1 + n % 3]
  from generate_series(1, {children}) n;
insert into person_name (subject_id, category, author_team_id, recorded_by, changed_by, version, source_id, since, kind,
    given, middle, family_name, void_reason)
  select subject_id, 'identity', author_team_id, 1, 1, 1, author_team_id, current_date - 100, 'legal', given, '',
    family_name, '' from person;
insert into person_address (subject_id, category, author_team_id, recorded_by, changed_by, version, source_id, since, kind,
    lines, postcode, phone, void_reason)
  select subject_id, 'identity', author_team_id, 1, 1, 1, author_team_id, current_date - 100, 'home', '1 Example Street',
    'NM' || 1 + subject_id % 20 || ' ' || subject_id % 10 || 'AB', '01632 960102', '' from person;
insert into subject (id, kind) select {children} + n, 'family' from generate_series(1, {children} / 2) n;
insert into family (subject_id, uuid, category, author_team_id, recorded_by, changed_by, recorded_at, changed_at, version, name)
  select {children} + n, gen_random_uuid(), 'index', p.author_team_id, 1, 1, now(), now(), 1, p.family_name
  from generate_series(1, {children} / 2) n join person p on p.subject_id = 2 * n - 1;
insert into family_member (subject_id, category, author_team_id, recorded_by, changed_by, version, source_id, since, role,
    lives_here, person_id, void_reason)
  select {children} + (p.subject_id + 1) / 2, 'index', p.author_team_id, 1, 1, 1, p.author_team_id, current_date - 100, 'child', true,
    p.subject_id, '' from person p;
insert into involvement (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, practitioner_id, role, since)
  select p.subject_id, 'index', 1 + (p.author_team_id - 1 + k * 7) % {teams}, 1, 1, 1, gen_random_uuid(),
    {teams} + 1 + ((p.author_team_id - 1 + k * 7) % {teams}) * 5 + p.subject_id % 5, case k when 0 then 'lead' else 'worker' end, current_date - 90
  from person p cross join generate_series(0, 2) k;
insert into episode (id, subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, family_id, referring_team_id,
    procedure_id, status, priority, stage, opened_at)
  select p.subject_id, p.subject_id, 'referral', p.author_team_id, 1, 1, 1, gen_random_uuid(),
    {children} + (p.subject_id + 1) / 2, 1 + p.author_team_id % {teams}, (select min(id) from procedure_version),
    case when p.subject_id % 20 = 0 then 'waiting' else 'open' end, 'standard', 'request',
    now() - make_interval(days => (p.subject_id % 90)::int)
  from person p where p.subject_id % 5 < 3;
insert into allocation (subject_id, category, author_team_id, recorded_by, changed_by, version, episode_id, practitioner_id, since)
  select e.subject_id, 'referral', e.author_team_id, 1, 1, 1, e.id, {teams} + 1 + (e.author_team_id - 1) * 5 + e.id % 5, e.opened_at
  from episode e where status = 'open';
insert into clock (episode_id, subject_id, category, author_team_id, owner_id, key, title, started_at, due_at, why, link)
  select e.id, e.subject_id, 'referral', e.author_team_id, a.practitioner_id, 'clock-' || k, 'Review the plan with the family', e.opened_at,
    now() + make_interval(hours => ((e.id * 13 + k * 17) % 400 - 60)::int), 'The plan is reviewed every week.', 'review'
  from episode e left join allocation a on a.episode_id = e.id cross join generate_series(1, 2) k;
insert into event (occurrence, kind, subject_id, category, author_team_id, episode, happened_at, recorded_by, voids)
  select gen_random_uuid(), (array['referral.received','referral.accepted','visit.made','contact.recorded','plan.agreed'])[1 + k % 5],
    e.subject_id, (array['referral','referral','notes','notes','plan'])[1 + k % 5], e.author_team_id, e.id,
    e.opened_at + make_interval(hours => k), {teams} + 1, false
  from episode e cross join generate_series(0, 7) k;
insert into event_note (event_id, subject_id, category, author_team_id, text)
  select id, subject_id, category, author_team_id, 'What was said and done, in a sentence or two.' from event where kind in ('visit.made', 'contact.recorded');
insert into referral (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, form_token, receiving_team_id, episode_id,
    given, family_name, date_of_birth, born_precision, sex, others_in_family, cares, cares_for, caring_tasks,
    caring_hours, worries, going_well, hoped_for, criteria, assessments_known, agreement, agreement_reason, childs_words, immediate_reason,
    arrival, told_by, moves, asks_to_lead)
  select e.subject_id, 'referral', e.referring_team_id, 1, 1, 1, gen_random_uuid(), gen_random_uuid(), e.author_team_id, e.id,
    p.given, p.family_name, p.date_of_birth, 'day', p.sex, '', true, 'Mum', '', '', 'Tired in class.', '', '',
    '{{young_carer}}', '', 'agree', '', '', '', 'written', '', '', false
  from episode e join person p on p.subject_id = e.subject_id;
insert into referral_whereabouts (subject_id, category, author_team_id, recorded_by, changed_by, version, referral_id, receiving_team_id,
    address, postcode, phone, school)
  select r.subject_id, 'referral', r.author_team_id, 1, 1, 1, r.id, r.receiving_team_id, '', 'NM1 1AA', '', 'Example School' from referral r;
insert into referral_step (subject_id, category, author_team_id, recorded_by, changed_by, version, referral_id, referring_team_id,
    receiving_team_id, kind, words)
  select r.subject_id, 'referral', r.author_team_id, 1, 1, 1, r.id, r.author_team_id, r.receiving_team_id, 'received', '' from referral r;
insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
  select subject_id, author_team_id, 'index', tstzrange(now() - interval '90 days', null), 'involvement', id from involvement;
insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
  select s, author_team_id, 'index', tstzrange(opened_at, null), 'episode', id from episode, unnest(array[subject_id, family_id]) s
